//! What chats are searched by: words, and who is in them.

use crate::{
    db::Id,
    jsonapi::text::fold,
    resource::{Sql, Viewer, plan::filter::literal, value::Bind},
};

/// `filter[search]`: in the title or in the other members' names: one's own would find everything.
pub(super) fn search(viewer: &Viewer, text: &str) -> Result<Option<Sql>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let pattern = Bind::Text(format!("%{}%", literal(&fold(text))));
    let condition = Sql::new("(chats.title_folded LIKE ")
        .then(pattern.clone())
        .then(" ESCAPE '\\' OR EXISTS (SELECT 1 FROM direct_conversations AS direct")
        .then(" WHERE direct.id = chats.direct_conversation_id AND direct.former_peer_folded LIKE ")
        .then(pattern.clone())
        .then(" ESCAPE '\\') OR EXISTS (SELECT 1 FROM chat_memberships AS other JOIN users AS person")
        .then(" ON person.id = other.user_id WHERE other.chat_id = chats.id AND other.user_id <> ")
        .then(viewer.id)
        .then(" AND person.name_folded LIKE ")
        .then(pattern)
        .then(" ESCAPE '\\'))");
    Ok(Some(condition))
}

/// `filter[member]`.
pub(super) fn member(_viewer: &Viewer, id: &str) -> Result<Option<Sql>, String> {
    let id: Id = id.parse().map_err(|_| format!("`{id}` is no UUID."))?;
    let condition =
        Sql::new("EXISTS (SELECT 1 FROM chat_memberships AS other WHERE other.chat_id = chats.id AND other.user_id = ");
    Ok(Some(condition.then(id).then(")")))
}

//! What the matrix asks for: resources of every type, who sees each of them, and who may do what to it.

use crate::cast::{TITLE, World};

pub(super) const EVERYBODY: &[&str] =
    &["admin", "member", "reader", "former", "deleter", "returner", "peer", "ex", "stranger"];
/// Those who see the group.
const MEMBERS: &[&str] = &["admin", "member", "reader", "returner"];
/// Those who see all of it.
const WITNESSES: &[&str] = &["admin", "member", "reader"];
const NOBODY: &[&str] = &[];

/// A resource: its collection, its id, who sees it, and who has a right that `spec/routes.tsv` names.
pub(super) struct Sample {
    pub(super) path: &'static str,
    pub(super) id: String,
    pub(super) seen_by: &'static [&'static str],
    pub(super) rights: &'static [(&'static str, &'static [&'static str])],
}

impl Sample {
    pub(super) fn has_right(&self, right: &str, actor: &str) -> bool {
        self.rights.iter().any(|(known, actors)| *known == right && actors.contains(&actor))
    }
}

/// The first of each type is the one that writes are carried out on.
pub(super) fn samples(world: &World) -> Vec<Sample> {
    let sample = |path, id: &str, seen_by, rights| Sample { path, id: id.to_owned(), seen_by, rights };
    let [of_admin, of_member, of_reader, of_deleter] = &world.memberships;
    let (said, asked, put_away) = (&world.said, &world.asked, &world.put_away);
    vec![
        sample("users", &world.admin.id, EVERYBODY, &[("self", &["admin"])]),
        sample("users", &world.removed.id, NOBODY, &[]),
        sample("sessions", &world.session, &["admin"], &[("self", &["admin"])]),
        sample("direct_conversations", &world.conversation, &["admin", "peer"], &[]),
        sample("direct_conversations", &world.deleted_conversation, &["admin"], &[]),
        sample("direct_conversations", &asked.conversation, &["member", "peer"], &[]),
        sample("direct_conversations", &put_away.conversation, &["former"], &[]),
        sample("chats", &world.group, MEMBERS, &[("admin", &["admin"]), ("writer", BOTH), ("sender", BOTH)]),
        sample("chats", &world.its_chat, &["admin", "peer"], &[("sender", &["admin", "peer"])]),
        sample("chats", &world.its_deleted_chat, &["admin"], &[("sender", &["admin"])]),
        sample("chats", &asked.chat, &["member", "peer"], &[("sender", &["member", "peer"])]),
        sample("chats", &put_away.chat, &["former"], &[("sender", &["former"])]),
        sample(
            "chat_memberships",
            of_member,
            MEMBERS,
            &[("self", &["member"]), ("leaver", &["member", "admin"]), ("admin", &["admin"])],
        ),
        sample(
            "chat_memberships",
            of_admin,
            MEMBERS,
            &[("self", &["admin"]), ("leaver", &["admin"]), ("admin", &["admin"])],
        ),
        sample(
            "chat_memberships",
            of_reader,
            MEMBERS,
            &[("self", &["reader"]), ("leaver", &["reader", "admin"]), ("admin", &["admin"])],
        ),
        sample(
            "chat_memberships",
            &world.of_returner,
            MEMBERS,
            &[("self", &["returner"]), ("leaver", &["returner", "admin"]), ("admin", &["admin"])],
        ),
        // One's own membership stays after deleting the chat for oneself: to be looked at and to leave by.
        sample(
            "chat_memberships",
            of_deleter,
            &["admin", "member", "reader", "returner", "deleter"],
            &[("self", &["deleter"]), ("leaver", &["deleter", "admin"]), ("admin", &["admin"])],
        ),
        sample("messages", &said.message, WITNESSES, &[("author", &["admin"]), ("deleter", &["admin"]), WRITERS]),
        sample(
            "messages",
            &said.reply,
            MEMBERS,
            &[("author", &["member"]), ("deleter", &["admin", "member"]), WRITERS],
        ),
        sample("messages", &said.of_removed, WITNESSES, &[("deleter", &["admin"]), WRITERS]),
        sample("messages", &said.of_former, WITNESSES, &[("deleter", &["admin"]), WRITERS]),
        sample(
            "messages",
            &said.in_direct,
            &["admin", "peer"],
            &[("author", &["peer"]), ("deleter", &["peer"]), ("writer", &["admin", "peer"])],
        ),
        sample(
            "messages",
            &said.cleared,
            &["admin"],
            &[("author", &["admin"]), ("deleter", &["admin"]), ("writer", &["admin"])],
        ),
        sample("attachments", &said.file, WITNESSES, &[("author", &["admin"])]),
        sample("attachments", &said.waiting, WITNESSES, &[("author", &["admin"])]),
        sample("attachments", &said.cleared_file, &["admin"], &[("author", &["admin"])]),
        sample("reactions", &said.reaction, WITNESSES, &[("author", &["member"]), WRITERS]),
        sample("reactions", &said.old_reaction, WITNESSES, &[WRITERS]),
        sample(
            "chat_requests",
            &asked.request,
            &["member", "peer"],
            &[("sender", &["member"]), ("recipient", &["peer"])],
        ),
        sample(
            "chat_requests",
            &put_away.request,
            &["former", "ex"],
            &[("sender", &["former"]), ("recipient", &["ex"])],
        ),
        sample("inboxes", &world.admin.id, &["admin"], &[]),
        sample("inboxes", &world.member.id, &["member"], &[]),
    ]
}

const BOTH: &[&str] = &["admin", "member"];
const WRITERS: (&str, &[&str]) = ("writer", BOTH);

/// Texts that give something away, and who may read them.
pub(super) fn secrets(world: &World) -> Vec<(String, &'static [&'static str])> {
    let ids = samples(world).into_iter().map(|sample| (sample.id, sample.path, sample.seen_by));
    // A user's id is no secret, and an inbox has that of its user.
    let public = [&world.admin.id, &world.member.id];
    let ids = ids.filter(|(id, ..)| !public.contains(&id)).map(|(id, _, seen_by)| (id, seen_by));
    let texts: [(&str, &'static [&'static str]); 12] = [
        (TITLE, MEMBERS),
        ("Kryptonite", WITNESSES),
        ("Vibranium", MEMBERS),
        ("Unobtainium", WITNESSES),
        ("Formerly", WITNESSES),
        ("Mithril", WITNESSES),
        ("Adamantium", WITNESSES),
        ("Orichalcum", WITNESSES),
        ("Octarine", &["admin", "peer"]),
        ("Beskar", &["admin"]),
        ("Duranium", &["admin"]),
        ("admin@example.com", &["admin"]),
    ];
    ids.chain(texts.map(|(text, seen_by)| (text.to_owned(), seen_by))).collect()
}

//! Joining groups: an admin lets somebody in, who isn't in yet and may be asked to.

use super::ChatMembership;
use crate::{
    db::Id,
    jsonapi::error::{Code, ErrorObject},
    resource::{Created, Error, Failed, Input, Result, Tx, among},
    resources::{
        batch::{each, of_all},
        consent::Consent,
        group::{self, Membership, Standing},
    },
    schema::chat_memberships,
};
use diesel::{QueryDsl as _, RunQueryDsl as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const USER: &str = "/data/relationships/user";

/// What is there.
struct Scene {
    standings: BTreeMap<Id, Standing>,
    /// The memberships, by chat and user.
    present: HashMap<(Id, Id), Id>,
    consent: Consent,
}

pub(super) fn create(tx: &mut Tx<'_>, inputs: Vec<Input<ChatMembership>>) -> Result<Vec<Created>, Failed> {
    let wanted: Vec<(Id, Id)> = each(&inputs, |input| Ok((input.linked("chat")?, input.linked("user")?)))?;
    let mut scene = gather(tx, &wanted).map_err(of_all)?;
    let before = scene.standings.clone();
    let joining = each(inputs.iter().zip(wanted), |(input, (chat, user))| {
        let id = decide(&mut scene, input.id, chat, user)?;
        let role = input.attributes.role.as_deref().unwrap_or("member");
        Ok(Membership { id, chat, user, role })
    })?;
    group::join(tx, &before, &joining).map_err(of_all)?;
    Ok(joining.into_iter().map(|new| Created::fresh(new.id)).collect())
}

fn gather(tx: &mut Tx<'_>, wanted: &[(Id, Id)]) -> Result<Scene> {
    let chats: BTreeSet<Id> = wanted.iter().map(|(chat, _)| *chat).collect();
    let users: BTreeSet<Id> = wanted.iter().map(|(_, user)| *user).collect();
    group::lock_chats(tx, chats.iter().copied())?;
    let standings = group::standings(tx, chats.iter().copied())?;
    let present: Vec<(Id, Id, Id)> = chat_memberships::table
        .filter(among(&chat_memberships::chat_id, chats))
        .filter(among(&chat_memberships::user_id, users.iter().copied()))
        .select((chat_memberships::chat_id, chat_memberships::user_id, chat_memberships::id))
        .load(tx.conn)?;
    let present = present.into_iter().map(|(chat, user, id)| ((chat, user), id)).collect();
    Ok(Scene { standings, present, consent: Consent::of(tx, users)? })
}

/// The id of the membership to be. It is the server's.
fn decide(scene: &mut Scene, id: Id, chat: Id, user: Id) -> Result<Id> {
    let standing = scene.standings.get_mut(&chat).ok_or_else(|| Error::not_found("chat"))?;
    standing.require_admin()?;
    if let Some(present) = scene.present.get(&(chat, user)) {
        let error = ErrorObject::new(Code::AlreadyMember, "This user is a member of the chat already.");
        return Err(error.pointer(USER).meta("id", present.to_string()).into());
    }
    standing.refuse_too_many(1, USER)?;
    scene.consent.require(&[user], USER)?;
    standing.member_count += 1;
    scene.present.insert((chat, user), id);
    Ok(id)
}

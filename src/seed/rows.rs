//! Rows as they are stored, many at a time, with every copied column in step with what it copies.

use diesel::prelude::*;

use super::talk::MessageRow;
use crate::db::{Conn, Id, Time};
use crate::jsonapi::text::fold;
use crate::on_backend;
use crate::schema::{chat_memberships, chat_requests, chats, direct_conversations, messages, users};

/// Rows of one statement: the widest has 17 columns, and SQLite binds at most 32,766 values.
const AT_ONCE: usize = 500;

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(crate) struct UserRow {
    pub(crate) id: Id,
    name: String,
    name_folded: String,
    email: String,
    email_folded: String,
    password_hash: String,
    first_name: Option<String>,
    first_name_folded: Option<String>,
    last_name: Option<String>,
    last_name_folded: Option<String>,
    title: Option<String>,
    title_folded: Option<String>,
    avatar_url: Option<String>,
    direct_message_policy: &'static str,
    created_at: Time,
    updated_at: Time,
    version: i64,
}

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = chats, treat_none_as_default_value = false)]
pub(crate) struct ChatRow {
    pub(crate) id: Id,
    chat_type: &'static str,
    status: &'static str,
    title: Option<String>,
    title_folded: Option<String>,
    icon_url: Option<String>,
    icon_thumbnail_url: Option<String>,
    open: bool,
    initiator_id: Option<Id>,
    pub(super) last_sequence: i64,
    pub(super) last_message_at: Option<Time>,
    member_count: i32,
    past_users_involved: &'static str,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
    version: i64,
    direct_conversation_id: Option<Id>,
}

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = chat_memberships, treat_none_as_default_value = false)]
pub(crate) struct MembershipRow {
    id: Id,
    pub(super) chat_id: Id,
    pub(super) user_id: Id,
    role: &'static str,
    archived: bool,
    hidden: bool,
    deleted: bool,
    mute: bool,
    mute_until: Option<Time>,
    joined_sequence: i64,
    pub(super) read_sequence: i64,
    pub(super) read_until: Option<Time>,
    created_at: Time,
    updated_at: Time,
    version: i64,
}

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = direct_conversations, treat_none_as_default_value = false)]
pub(crate) struct DirectRow {
    pub(crate) id: Id,
    chat_id: Id,
    first_user_id: Option<Id>,
    second_user_id: Option<Id>,
    low_user_id: Option<Id>,
    high_user_id: Option<Id>,
    former_peer_folded: Option<String>,
    first_visible: bool,
    second_visible: bool,
    first_listed: bool,
    second_listed: bool,
    chat_updated_at: Time,
    created_at: Time,
    updated_at: Time,
    version: i64,
}

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = chat_requests, treat_none_as_default_value = false)]
pub(crate) struct RequestRow {
    id: Id,
    chat_id: Id,
    sender_id: Option<Id>,
    recipient_id: Option<Id>,
    status: &'static str,
    responded_at: Option<Time>,
    created_at: Time,
    updated_at: Time,
    version: i64,
}

/// Who somebody is, as one writes it down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person<'a> {
    pub(crate) first_name: &'a str,
    pub(crate) last_name: &'a str,
    pub(crate) title: Option<&'a str>,
}

impl<'a> Person<'a> {
    pub(crate) const fn new(first_name: &'a str, last_name: &'a str, title: &'a str) -> Self {
        Self { first_name, last_name, title: Some(title) }
    }
}

impl UserRow {
    /// Somebody of whom only the name is known.
    pub(crate) fn named(id: Id, name: &str, email: String, password_hash: String, at: Time) -> Self {
        Self {
            id,
            name_folded: fold(name),
            name: name.to_owned(),
            email_folded: fold(&email),
            email,
            password_hash,
            first_name: None,
            first_name_folded: None,
            last_name: None,
            last_name_folded: None,
            title: None,
            title_folded: None,
            avatar_url: None,
            direct_message_policy: "open",
            created_at: at,
            updated_at: at,
            version: FIRST_VERSION,
        }
    }

    /// The same, who wants to be asked before anybody writes.
    pub(crate) fn asked_first(self) -> Self {
        Self { direct_message_policy: "request", ..self }
    }

    pub(crate) fn new(id: Id, person: &Person<'_>, email: String, password_hash: String, at: Time) -> Self {
        let name = format!("{} {}", person.first_name, person.last_name);
        Self {
            first_name: Some(person.first_name.to_owned()),
            first_name_folded: Some(fold(person.first_name)),
            last_name: Some(person.last_name.to_owned()),
            last_name_folded: Some(fold(person.last_name)),
            title: person.title.map(str::to_owned),
            title_folded: person.title.map(fold),
            ..Self::named(id, &name, email, password_hash, at)
        }
    }
}

/// The version of a row that was never changed.
const FIRST_VERSION: i64 = 1;

/// When a chat began and when it last changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl ChatRow {
    fn direct(id: Id, initiator: Id, status: &'static str, span: Span) -> Self {
        let common = Self::common(id, initiator, span);
        Self { chat_type: "direct", status, member_count: 2, ..common }
    }

    fn group(id: Id, initiator: Id, group: &Group<'_>, span: Span) -> Self {
        Self {
            chat_type: "group",
            title: Some(group.title.to_owned()),
            title_folded: Some(fold(group.title)),
            open: group.open,
            member_count: i32::try_from(group.seats.len()).unwrap_or(i32::MAX),
            ..Self::common(id, initiator, span)
        }
    }

    fn common(id: Id, initiator: Id, span: Span) -> Self {
        Self {
            id,
            chat_type: "",
            status: "active",
            title: None,
            title_folded: None,
            icon_url: None,
            icon_thumbnail_url: None,
            open: true,
            initiator_id: Some(initiator),
            last_sequence: 0,
            last_message_at: None,
            member_count: 0,
            past_users_involved: "[]",
            created_at: span.created_at,
            updated_at: span.updated_at,
            version: FIRST_VERSION,
            direct_conversation_id: None,
        }
    }
}

/// A group to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group<'a> {
    pub(crate) title: &'a str,
    pub(crate) open: bool,
    pub(crate) seats: &'a [Seat],
}

/// A member of a chat: who it is and how they see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    pub(crate) user: Id,
    pub(crate) role: &'static str,
    pub(crate) archived: bool,
    pub(crate) hidden: bool,
    pub(crate) mute: bool,
}

impl Seat {
    pub(crate) fn new(user: Id, role: &'static str) -> Self {
        Self { user, role, archived: false, hidden: false, mute: false }
    }
}

impl MembershipRow {
    fn new(id: Id, chat: &ChatRow, seat: Seat) -> Self {
        Self {
            id,
            chat_id: chat.id,
            user_id: seat.user,
            role: seat.role,
            archived: seat.archived,
            hidden: seat.hidden,
            deleted: false,
            mute: seat.mute,
            mute_until: None,
            joined_sequence: 0,
            read_sequence: 0,
            read_until: None,
            created_at: chat.created_at,
            updated_at: chat.created_at,
            version: FIRST_VERSION,
        }
    }
}

/// Rows to be stored together.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) users: Vec<UserRow>,
    pub(crate) chats: Vec<ChatRow>,
    pub(crate) memberships: Vec<MembershipRow>,
    pub(crate) directs: Vec<DirectRow>,
    pub(crate) messages: Vec<MessageRow>,
    pub(crate) requests: Vec<RequestRow>,
}

/// Inserts rows in as few statements as the databases allow.
macro_rules! insert {
    ($conn:ident, $table:ident, $rows:expr) => {
        for rows in $rows.chunks(AT_ONCE) {
            on_backend!($conn, |conn| diesel::insert_into($table::table).values(rows).execute(conn))?;
        }
    };
}

impl World {
    /// A chat of two; the first is the initiator.
    pub(crate) fn direct(&mut self, seats: [Seat; 2], span: Span, new_id: &mut impl FnMut(Time) -> Id) {
        self.chat_of_two(seats, "active", span, new_id);
    }

    /// A chat that the first asked the second for, and what became of it; the answer was the chat's last change.
    pub(crate) fn request(
        &mut self,
        seats: [Seat; 2],
        status: &'static str,
        span: Span,
        new_id: &mut impl FnMut(Time) -> Id,
    ) {
        let chat_id = self.chat_of_two(seats, status, span, new_id);
        self.requests.push(RequestRow {
            id: new_id(span.created_at),
            chat_id,
            sender_id: Some(seats[0].user),
            recipient_id: Some(seats[1].user),
            status,
            responded_at: (status != "pending").then_some(span.updated_at),
            created_at: span.created_at,
            updated_at: span.updated_at,
            version: FIRST_VERSION,
        });
    }

    fn chat_of_two(
        &mut self,
        seats: [Seat; 2],
        status: &'static str,
        span: Span,
        new_id: &mut impl FnMut(Time) -> Id,
    ) -> Id {
        let mut chat = ChatRow::direct(new_id(span.created_at), seats[0].user, status, span);
        let members = seats.map(|seat| MembershipRow::new(new_id(span.created_at), &chat, seat));
        let direct = direct_row(new_id(span.created_at), &chat, &members);
        chat.direct_conversation_id = Some(direct.id);
        self.directs.push(direct);
        self.memberships.extend(members);
        let id = chat.id;
        self.chats.push(chat);
        id
    }

    /// A chat of any number; the first is the initiator.
    pub(crate) fn group(&mut self, group: Group<'_>, span: Span, new_id: &mut impl FnMut(Time) -> Id) {
        let Some(initiator) = group.seats.first() else {
            return;
        };
        let chat = ChatRow::group(new_id(span.created_at), initiator.user, &group, span);
        let member = |seat: &Seat| MembershipRow::new(new_id(span.created_at), &chat, *seat);
        self.memberships.extend(group.seats.iter().map(member));
        self.chats.push(chat);
    }

    /// Stores everything, in the order that foreign keys ask for.
    pub(crate) fn insert(&self, conn: &mut Conn) -> QueryResult<()> {
        insert!(conn, users, self.users);
        insert!(conn, chats, self.chats);
        insert!(conn, chat_memberships, self.memberships);
        insert!(conn, direct_conversations, self.directs);
        insert!(conn, messages, self.messages);
        insert!(conn, chat_requests, self.requests);
        Ok(())
    }
}

/// The conversation of a direct chat, with its copies of the chat's and the memberships' columns.
fn direct_row(id: Id, chat: &ChatRow, [first, second]: &[MembershipRow; 2]) -> DirectRow {
    let listed = |member: &MembershipRow| !member.deleted && !member.hidden && chat.status == "active";
    DirectRow {
        id,
        chat_id: chat.id,
        first_user_id: Some(first.user_id),
        second_user_id: Some(second.user_id),
        low_user_id: Some(first.user_id.min(second.user_id)),
        high_user_id: Some(first.user_id.max(second.user_id)),
        former_peer_folded: None,
        first_visible: !first.deleted,
        second_visible: !second.deleted,
        first_listed: listed(first),
        second_listed: listed(second),
        chat_updated_at: chat.updated_at,
        created_at: chat.created_at,
        updated_at: chat.created_at,
        version: FIRST_VERSION,
    }
}

#[cfg(test)]
impl DirectRow {
    pub(super) fn sides(&self) -> [Option<Id>; 2] {
        [self.first_user_id, self.second_user_id]
    }
}

/// Whether an account with this e-mail address exists.
pub(crate) fn has_email(conn: &mut Conn, email: &str) -> QueryResult<bool> {
    let same = users::table.filter(users::email_folded.eq(fold(email)));
    diesel::select(diesel::dsl::exists(same)).get_result(conn)
}

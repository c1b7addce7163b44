// Written by `tertulia typescript`: what is declared, as types. Don't edit.

export interface Types {
  /** A person with an account. */
  user: {
    attributes: {
      /** How others see the user. */ name: string
      /** What to sign in with; only the user sees it. */ email?: string
      /** The given name. */ first_name: string | null
      /** The family name. */ last_name: string | null
      /** What the user is. */ title: string | null
      /** A picture. */ avatar_url: string | null
      /** Whether others may write unasked, or send a chat request first; only the user sees it. */ direct_message_policy?: 'open' | 'request'
      /** Always true: removed accounts are gone. */ active: boolean
      /** When the account was made. */ created_at: string
      /** When something changed that others see. */ updated_at: string
    }
    one: {
      /** What waits for the user; only for oneself. */ inbox: 'inbox'
    }
    many: {}
    unbounded: {}
    create: {
      id: never
      attributes: {
        /** How others see the user. */ name: string
        /** What to sign in with; only the user sees it. */ email: string
        /** What to sign in with; never shown. */ password: string
        /** The given name. */ first_name?: string | null
        /** The family name. */ last_name?: string | null
        /** What the user is. */ title?: string | null
        /** A picture. */ avatar_url?: string | null
        /** Whether others may write unasked, or send a chat request first; only the user sees it. */ direct_message_policy?: 'open' | 'request' | null
      }
      one: {}
      many: {}
    }
    update: {
      id: never
      attributes: {
        /** How others see the user. */ name?: string
        /** What to sign in with; only the user sees it. */ email?: string
        /** What to sign in with; never shown. */ password?: string
        /** Needed to change `email` or `password`; never shown. */ current_password?: string
        /** The given name. */ first_name?: string | null
        /** The family name. */ last_name?: string | null
        /** What the user is. */ title?: string | null
        /** A picture. */ avatar_url?: string | null
        /** Whether others may write unasked, or send a chat request first; only the user sees it. */ direct_message_policy?: 'open' | 'request'
      }
      one: {}
      many: {}
    }
    filters: {
      id: string
      name: string
      email: string
      first_name: string
      last_name: string
      title: string
      avatar_url: string
      direct_message_policy: 'open' | 'request'
      active: boolean
      created_at: string
      updated_at: string
      inbox: string
    }
    parameters: {}
    sorts: 'name' | 'email' | 'first_name' | 'last_name' | 'title' | 'avatar_url' | 'direct_message_policy' | 'active' | 'created_at' | 'updated_at'
    meta: {}
    createdMeta: {}
  }
  /** A sign-in: its token is told once, when it is made. */
  session: {
    attributes: {
      /** When the user signed in. */ created_at: string
      /** When the token was last used, to the minute or so. */ last_used_at: string
      /** When the token ends unless it is used. */ expires_at: string
    }
    one: {
      /** Who signed in. */ user: 'user'
    }
    many: {}
    unbounded: {}
    create: {
      id: never
      attributes: {
        /** The e-mail address of the account. */ email: string
        /** The password of the account. */ password: string
      }
      one: {}
      many: {}
    }
    update: never
    filters: {
      id: string
      created_at: string
      last_used_at: string
      expires_at: string
      user: string
    }
    parameters: {}
    sorts: 'created_at' | 'last_used_at' | 'expires_at'
    meta: {}
    createdMeta: {
      /** The bearer token; also in the header `Authorization`. */ token: string
    }
  }
  /** A chat between exactly two users, seen from one of them. */
  direct_conversation: {
    attributes: {
      /** The other user; null once that account is removed. */ user_id: string | null
      /** Who began it; null once removed. */ first_user_id: string | null
      /** Who was written to; null once removed. */ second_user_id: string | null
      /** When the chat last changed or got a message. */ chat_updated_at: string
      /** When it was begun. */ created_at: string
      /** When one of its users changed. */ updated_at: string
    }
    one: {
      /** Its chat. */ chat: 'chat'
      /** Who began it. */ first_user: 'user'
      /** Who was written to. */ second_user: 'user'
    }
    many: {}
    unbounded: {}
    create: {
      id: string
      attributes: {
        /** The other user; null once that account is removed. */ user_id: string
      }
      one: {}
      many: {}
    }
    update: never
    filters: {
      id: string
      archived: boolean
      hidden: boolean
      has_unread_messages: boolean
      status: 'pending' | 'active' | 'declined'
      user_id: string
      first_user_id: string
      second_user_id: string
      chat_updated_at: string
      created_at: string
      updated_at: string
      chat: string
      first_user: string
      second_user: string
    }
    parameters: {
      /** Part of the name of the other user. */ search_peer: string
    }
    sorts: 'user_id' | 'first_user_id' | 'second_user_id' | 'chat_updated_at' | 'created_at' | 'updated_at'
    meta: {}
    createdMeta: {
      /** Whether it is new; absent where it always is. */ created?: boolean
    }
  }
  /** A conversation of two or of a group, with what the viewer made of it. */
  chat: {
    attributes: {
      /** `direct` has two members for ever, `group` any number. */ chat_type: 'direct' | 'group'
      /** Whether messages are taken: a chat by request is pending until the recipient answers. */ status: 'pending' | 'active' | 'declined'
      /** The title of a group. */ title: string | null
      /** The icon of a group. */ icon_url: string | null
      /** A small form of the icon. */ icon_thumbnail_url: string | null
      /** Whether messages are taken. */ open: boolean
      /** When it was begun. */ created_at: string
      /** When a message was posted, or title, icon, openness or members changed. */ updated_at: string
      /** When the newest message was made that the viewer sees. */ last_message_at: string | null
      /** How many members there are. */ member_count: number
      /** Names of removed accounts that were in, or wrote in, this chat. */ past_users_involved: (string)[]
      /** How many messages the viewer has not read. */ unread_message_count: number
      /** Whether there are any. */ has_unread_messages: boolean
      /** Up to when the viewer has read. */ read_until: string | null
      /** Whether the viewer archived it; set on the membership. */ archived: boolean
      /** Whether the viewer hid it; set on the membership. */ hidden: boolean
      /** Whether it is mute for the viewer now; set by `mute_rule` on the membership. */ muted: boolean
    }
    one: {
      /** The other half of a direct chat. */ direct_conversation: 'direct_conversation'
      /** Who began it. */ initiator: 'user'
      /** The viewer's own membership. */ viewer_membership: 'chat_membership'
      /** The newest message that the viewer sees and that is not deleted. */ last_message: 'message'
      /** The request that it goes by. */ chat_request: 'chat_request'
    }
    many: {
      /** The users in it, in the order of their joining. */ members: 'user'
      /** The memberships, in the order of joining. */ chat_memberships: 'chat_membership'
    }
    unbounded: {
      /** All messages that the viewer sees. */ messages: 'message'
      /** The files of its messages. */ attachments: 'attachment'
    }
    create: {
      id: string
      attributes: {
        /** `direct` has two members for ever, `group` any number. */ chat_type?: 'direct' | 'group' | null
        /** The title of a group. */ title?: string | null
        /** The icon of a group. */ icon_url?: string | null
        /** A small form of the icon. */ icon_thumbnail_url?: string | null
        /** The first message, sent along with a create; never shown. */ initial_message?: { content?: string | null; expected_attachment_count?: number | null; image_url?: string | null; link_preview_url?: string | null } | null
      }
      one: {}
      many: {
        members?: 'user'
      }
    }
    update: {
      id: never
      attributes: {
        /** The title of a group. */ title?: string | null
        /** The icon of a group. */ icon_url?: string | null
        /** A small form of the icon. */ icon_thumbnail_url?: string | null
        /** Whether messages are taken. */ open?: boolean
      }
      one: {}
      many: {}
    }
    filters: {
      id: string
      chat_type: 'direct' | 'group'
      status: 'pending' | 'active' | 'declined'
      title: string
      icon_url: string
      icon_thumbnail_url: string
      open: boolean
      created_at: string
      updated_at: string
      last_message_at: string
      member_count: number
      unread_message_count: number
      has_unread_messages: boolean
      read_until: string
      archived: boolean
      hidden: boolean
      muted: boolean
      direct_conversation: string
      initiator: string
      viewer_membership: string
      last_message: string
      chat_request: string
      search: string
      member: string
    }
    parameters: {}
    sorts: 'chat_type' | 'status' | 'title' | 'icon_url' | 'icon_thumbnail_url' | 'open' | 'created_at' | 'updated_at' | 'last_message_at' | 'member_count' | 'unread_message_count' | 'has_unread_messages' | 'read_until' | 'archived' | 'hidden' | 'muted'
    meta: {
      /** What the viewer may do here. */ permissions?: { create_message: boolean; manage_members: boolean }
    }
    createdMeta: {
      /** Whether it is new; absent where it always is. */ created?: boolean
    }
  }
  /** What somebody wrote in a chat. */
  message: {
    attributes: {
      /** The text; null where only an image, a link or files were sent, and once deleted. */ content: string | null
      /** A picture elsewhere. */ image_url: string | null
      /** A link to show a preview of. */ link_preview_url: string | null
      /** How many files will follow. */ expected_attachment_count: number
      /** How many of them are not there yet. */ uploading_attachment_count: number
      /** Whether it replies to another message. */ is_reply: boolean
      /** How many replies it has. */ reply_count: number
      /** Whether the viewer has not read it. */ is_new: boolean
      /** Whether only its place is left. */ deleted: boolean
      /** When the text was last changed. */ edited_at: string | null
      /** The author's last name to be seen, once that account is removed. */ user_deleted_name: string | null
      /** How often each emoji was used, and whether by the viewer too. */ reaction_counts: ({ count: number; emoji: string; mine: boolean })[]
      /** When it was sent. */ created_at: string
      /** When it last changed. */ updated_at: string
    }
    one: {
      /** The chat that it is in. */ chat: 'chat'
      /** Who wrote it; null once removed. */ author: 'user'
      /** The message that it replies to. */ parent: 'message'
    }
    many: {
      /** Reactions to it. */ reactions: 'reaction'
      /** Its files. */ attachments: 'attachment'
    }
    unbounded: {
      /** The messages that reply to it. */ replies: 'message'
    }
    create: {
      id: string
      attributes: {
        /** The text; null where only an image, a link or files were sent, and once deleted. */ content?: string | null
        /** A picture elsewhere. */ image_url?: string | null
        /** A link to show a preview of. */ link_preview_url?: string | null
        /** How many files will follow. */ expected_attachment_count?: number | null
      }
      one: {
        chat: 'chat'
        parent?: 'message'
      }
      many: {}
    }
    update: {
      id: never
      attributes: {
        /** The text; null where only an image, a link or files were sent, and once deleted. */ content?: string | null
        /** A picture elsewhere. */ image_url?: string | null
        /** A link to show a preview of. */ link_preview_url?: string | null
      }
      one: {}
      many: {}
    }
    filters: {
      id: string
      content: string
      image_url: string
      link_preview_url: string
      expected_attachment_count: number
      uploading_attachment_count: number
      is_reply: boolean
      reply_count: number
      is_new: boolean
      deleted: boolean
      edited_at: string
      user_deleted_name: string
      created_at: string
      updated_at: string
      chat: string
      author: string
      parent: string
    }
    parameters: {}
    sorts: 'image_url' | 'link_preview_url' | 'expected_attachment_count' | 'uploading_attachment_count' | 'is_reply' | 'reply_count' | 'deleted' | 'edited_at' | 'user_deleted_name' | 'created_at' | 'updated_at'
    meta: {}
    createdMeta: {}
  }
  /** A user's place in a chat; what is theirs alone is shown only to them. */
  chat_membership: {
    attributes: {
      /** What the member may do: admins add and remove members, readers only read. */ role: 'admin' | 'member' | 'reader'
      /** Whether the member put the chat away. */ archived?: boolean
      /** Whether the member hid the chat until the next message. */ hidden?: boolean
      /** Whether the chat is mute: null is no, `until` null is for ever. */ mute_rule?: { until: string | null } | null
      /** Whether the chat is mute now. */ muted?: boolean
      /** Up to when the member has read; any instant from now on marks all as read. */ read_until?: string | null
      /** How many messages the member has not read. */ unread_message_count?: number
      /** Whether there are any. */ has_unread_messages?: boolean
      /** When the member joined. */ created_at: string
      /** When the role last changed. */ updated_at: string
    }
    one: {
      /** The chat. */ chat: 'chat'
      /** The member. */ user: 'user'
      /** The last message that the member has seen; a write says so, and is refused where there are newer ones. */ last_read_message: 'message'
    }
    many: {}
    unbounded: {}
    create: {
      id: never
      attributes: {
        /** What the member may do: admins add and remove members, readers only read. */ role?: 'admin' | 'member' | 'reader' | null
      }
      one: {
        chat: 'chat'
        user: 'user'
      }
      many: {}
    }
    update: {
      id: never
      attributes: {
        /** What the member may do: admins add and remove members, readers only read. */ role?: 'admin' | 'member' | 'reader'
        /** Whether the member put the chat away. */ archived?: boolean
        /** Whether the member hid the chat until the next message. */ hidden?: boolean
        /** Whether the chat is mute: null is no, `until` null is for ever. */ mute_rule?: { until: string | null } | null
        /** Up to when the member has read; any instant from now on marks all as read. */ read_until?: string | null
      }
      one: {
        last_read_message?: 'message'
      }
      many: {}
    }
    filters: {
      id: string
      role: 'admin' | 'member' | 'reader'
      archived: boolean
      hidden: boolean
      muted: boolean
      read_until: string
      unread_message_count: number
      has_unread_messages: boolean
      created_at: string
      updated_at: string
      chat: string
      user: string
      last_read_message: string
    }
    parameters: {}
    sorts: 'role' | 'archived' | 'hidden' | 'muted' | 'read_until' | 'unread_message_count' | 'has_unread_messages' | 'created_at' | 'updated_at'
    meta: {}
    createdMeta: {}
  }
  /** A file of a message; its bytes go to `content`, or lie elsewhere. */
  attachment: {
    attributes: {
      /** The name of the file. */ name: string
      /** Its media type. */ mime_type: string
      /** Its size in bytes. */ size: number | null
      /** What sort of file that is. */ kind: 'image' | 'video' | 'audio' | 'document' | 'other'
      /** The ending of its name. */ extension: string | null
      /** Where the bytes are, if they are not sent here. */ source_url: string | null
      /** How far its bytes are. */ upload_status: 'uploading' | 'success' | 'error'
      /** Whether a thumbnail is still to come. */ processing: boolean
      /** Where to get the bytes, and to put them. */ content_url: string | null
      /** Where to get a small picture. */ thumbnail_url: string | null
      /** Of a picture, in pixels. */ width: number | null
      /** Of a picture, in pixels. */ height: number | null
      /** Of the bytes, in hexadecimal. */ sha256: string | null
      /** When it was attached. */ created_at: string
      /** When it last changed. */ updated_at: string
    }
    one: {
      /** The message that it belongs to. */ message: 'message'
      /** That message's chat. */ chat: 'chat'
    }
    many: {}
    unbounded: {}
    create: {
      id: string
      attributes: {
        /** The name of the file. */ name: string
        /** Its media type. */ mime_type: string
        /** Its size in bytes. */ size?: number | null
        /** Where the bytes are, if they are not sent here. */ source_url?: string | null
      }
      one: {
        message: 'message'
      }
      many: {}
    }
    update: {
      id: never
      attributes: {
        /** The name of the file. */ name?: string
      }
      one: {}
      many: {}
    }
    filters: {
      id: string
      name: string
      mime_type: string
      size: number
      kind: 'image' | 'video' | 'audio' | 'document' | 'other'
      extension: string
      source_url: string
      upload_status: 'uploading' | 'success' | 'error'
      processing: boolean
      width: number
      height: number
      sha256: string
      created_at: string
      updated_at: string
      message: string
      chat: string
    }
    parameters: {}
    sorts: 'name' | 'mime_type' | 'size' | 'kind' | 'extension' | 'source_url' | 'upload_status' | 'processing' | 'width' | 'height' | 'sha256' | 'created_at' | 'updated_at'
    meta: {}
    createdMeta: {}
  }
  /** One emoji of one user on one message. */
  reaction: {
    attributes: {
      /** One emoji; those that look alike are one. */ emoji: string
      /** When it was given. */ created_at: string
    }
    one: {
      /** The message. */ message: 'message'
      /** Whose it is; null once removed. */ author: 'user'
    }
    many: {}
    unbounded: {}
    create: {
      id: string
      attributes: {
        /** One emoji; those that look alike are one. */ emoji: string
      }
      one: {
        message: 'message'
      }
      many: {}
    }
    update: never
    filters: {
      id: string
      emoji: string
      created_at: string
      message: string
      author: string
    }
    parameters: {}
    sorts: 'emoji' | 'created_at'
    meta: {}
    createdMeta: {
      /** Whether it is new; absent where it always is. */ created?: boolean
    }
  }
  /** The question whether somebody may write to a user who wants to be asked. */
  chat_request: {
    attributes: {
      /** Whom to ask. */ user_id: string | null
      /** The answer; only the recipient gives it. */ status: 'pending' | 'active' | 'declined'
      /** When it was answered. */ responded_at: string | null
      /** When it was asked. */ created_at: string
      /** When it last changed. */ updated_at: string
    }
    one: {
      /** Who asks. */ sender: 'user'
      /** Who is asked. */ recipient: 'user'
      /** The chat that it is about. */ chat: 'chat'
    }
    many: {}
    unbounded: {}
    create: {
      id: string
      attributes: {
        /** Whom to ask. */ user_id: string
      }
      one: {}
      many: {}
    }
    update: {
      id: never
      attributes: {
        /** The answer; only the recipient gives it. */ status?: 'pending' | 'active' | 'declined'
      }
      one: {}
      many: {}
    }
    filters: {
      id: string
      direction: 'incoming' | 'outgoing'
      user_id: string
      status: 'pending' | 'active' | 'declined'
      responded_at: string
      created_at: string
      updated_at: string
      sender: string
      recipient: string
      chat: string
    }
    parameters: {}
    sorts: 'user_id' | 'status' | 'responded_at' | 'created_at' | 'updated_at'
    meta: {}
    createdMeta: {
      /** Whether it is new; absent where it always is. */ created?: boolean
    }
  }
  /** What waits for a user. */
  inbox: {
    attributes: {
      /** Unread messages in all active chats. */ unread_message_count: number
      /** Chats with unread messages. */ unread_chat_count: number
      /** Requests that the user has not answered. */ pending_chat_request_count: number
      /** Requests of the user that nobody has answered. */ outgoing_chat_request_count: number
    }
    one: {
      /** Whose it is. */ user: 'user'
    }
    many: {}
    unbounded: {}
    create: never
    update: never
    filters: {
      id: string
      user: string
    }
    parameters: {}
    sorts: never
    meta: {}
    createdMeta: {}
  }
}

/** The path of each type. */
export const paths = {
  user: 'users',
  session: 'sessions',
  direct_conversation: 'direct_conversations',
  chat: 'chats',
  message: 'messages',
  chat_membership: 'chat_memberships',
  attachment: 'attachments',
  reaction: 'reactions',
  chat_request: 'chat_requests',
  inbox: 'inboxes',
} as const

/** Filters with a meaning of their own: they take a value and no operator. */
export const searches: Record<string, readonly string[]> = {
  user: [],
  session: [],
  direct_conversation: [],
  chat: ['search', 'member'],
  message: [],
  chat_membership: [],
  attachment: [],
  reaction: [],
  chat_request: [],
  inbox: [],
}

/** What a request can fail with. */
export type ErrorCode =
  | 'unauthorized'
  | 'invalid_credentials'
  | 'forbidden'
  | 'field_read_only'
  | 'client_id_forbidden'
  | 'chat_request_required'
  | 'password_required'
  | 'not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'type_mismatch'
  | 'id_mismatch'
  | 'id_taken'
  | 'already_exists'
  | 'already_member'
  | 'email_taken'
  | 'read_conflict'
  | 'chat_not_active'
  | 'chat_closed'
  | 'peer_gone'
  | 'request_closed'
  | 'last_admin'
  | 'message_deleted'
  | 'content_exists'
  | 'idempotency_in_flight'
  | 'precondition_failed'
  | 'too_large'
  | 'unsupported_media_type'
  | 'range_not_satisfiable'
  | 'self_conversation'
  | 'field_required'
  | 'field_invalid'
  | 'field_unknown'
  | 'message_not_in_chat'
  | 'parent_invalid'
  | 'idempotency_mismatch'
  | 'rate_limited'
  | 'include_unknown'
  | 'field_set_unknown'
  | 'sort_unknown'
  | 'filter_unknown'
  | 'filter_invalid'
  | 'page_invalid'
  | 'header_invalid'
  | 'parameter_unknown'
  | 'json_invalid'
  | 'document_invalid'
  | 'internal'
  | 'unavailable'

-- Up to where a user cleared a chat. Outlives the membership.
CREATE TABLE clear_points (
    user_id BLOB NOT NULL,
    chat_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    cleared_at INTEGER NOT NULL,
    CONSTRAINT clear_points_pkey PRIMARY KEY (user_id, chat_id),
    CONSTRAINT clear_points_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT clear_points_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX clear_points_chat_id_idx ON clear_points (chat_id);

-- A new message brings a chat back to whoever put it away, without looking at all the others.
CREATE INDEX chat_memberships_away_idx ON chat_memberships (chat_id) WHERE (deleted OR hidden);

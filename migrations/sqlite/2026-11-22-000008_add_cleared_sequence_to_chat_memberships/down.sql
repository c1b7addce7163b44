ALTER TABLE chat_memberships DROP COLUMN cleared_sequence;

ALTER TABLE messages DROP COLUMN parent_sequence;
ALTER TABLE messages DROP COLUMN reply_count;

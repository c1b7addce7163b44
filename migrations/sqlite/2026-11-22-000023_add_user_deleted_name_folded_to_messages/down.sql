ALTER TABLE messages DROP COLUMN user_deleted_name_folded;

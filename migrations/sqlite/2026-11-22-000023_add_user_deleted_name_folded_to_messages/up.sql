-- The name that a removed author left behind, as it is compared and sorted.
ALTER TABLE messages ADD COLUMN user_deleted_name_folded TEXT;

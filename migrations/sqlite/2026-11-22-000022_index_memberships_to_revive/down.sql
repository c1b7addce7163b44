DROP INDEX chat_memberships_away_idx;

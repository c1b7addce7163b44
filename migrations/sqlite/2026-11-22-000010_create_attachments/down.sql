DROP TABLE contents;
DROP TABLE attachments;

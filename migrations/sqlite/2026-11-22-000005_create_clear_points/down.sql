DROP TABLE clear_points;

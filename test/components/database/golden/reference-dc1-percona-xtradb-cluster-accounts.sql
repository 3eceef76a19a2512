-- Managed by Tandem: run once, when the cluster is made.
FLUSH PRIVILEGES;
CREATE DATABASE kubernetes CHARACTER SET utf8mb4;
CREATE USER 'backup'@'localhost' REQUIRE SUBJECT '/O=Tandem Insurance/OU=dc1/CN=database-backup' WITH MAX_USER_CONNECTIONS 4;
GRANT BACKUP_ADMIN, LOCK TABLES, PROCESS, RELOAD, REPLICATION CLIENT ON *.* TO 'backup'@'localhost';
GRANT SELECT ON performance_schema.keyring_component_status TO 'backup'@'localhost';
GRANT SELECT ON performance_schema.log_status TO 'backup'@'localhost';
GRANT SELECT ON performance_schema.replication_group_members TO 'backup'@'localhost';
CREATE USER 'datastore'@'%' REQUIRE SUBJECT '/O=Tandem Insurance/OU=dc1/CN=database-datastore';
GRANT ALTER, CREATE, DELETE, INDEX, INSERT, SELECT, UPDATE ON kubernetes.* TO 'datastore'@'%';
CREATE USER 'health-check'@'localhost' REQUIRE SUBJECT '/O=Tandem Insurance/OU=dc1/CN=database-health-check' WITH MAX_USER_CONNECTIONS 30;
CREATE USER 'monitoring'@'localhost' REQUIRE SUBJECT '/O=Tandem Insurance/OU=dc1/CN=database-monitoring' WITH MAX_USER_CONNECTIONS 3;
GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'monitoring'@'localhost';
GRANT SELECT ON performance_schema.* TO 'monitoring'@'localhost';
CREATE USER 'replication'@'%' REQUIRE SUBJECT '/O=Tandem Insurance/OU=dc2/CN=database-replication' WITH MAX_USER_CONNECTIONS 4;
GRANT REPLICATION SLAVE ON *.* TO 'replication'@'%';
ALTER USER 'root'@'localhost' IDENTIFIED WITH auth_socket;

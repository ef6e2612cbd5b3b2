#include "peers/postgres/postgres_server.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <utility>

#include "peers/port.h"

namespace fabu::peers {
namespace {

const char* const kTools = "/usr/lib/postgresql/15/bin/";

}  // namespace

PostgresServer::PostgresServer() : port_(free_port()) {
  make_folder();
  run("initdb -D " + folder_.string() + "/data -A trust -U fabu --no-sync -E UTF8 --locale=C.UTF-8");
  start();
}

PostgresServer::PostgresServer(StandbyOf of) : port_(free_port()) {
  make_folder();
  run("pg_basebackup -h 127.0.0.1 -p " + std::to_string(of.primary.port_) + " -U fabu -D " + folder_.string() +
      "/data -R -X stream -c fast --no-sync");
  start();
  of.primary.run(of.primary.with_psql("ALTER SYSTEM SET synchronous_standby_names = '*'"));
  of.primary.run(of.primary.with_psql("SELECT pg_reload_conf()"));
}

void PostgresServer::promote() {
  run("pg_ctl -D " + folder_.string() + "/data -w promote");
  run(with_psql("ALTER SYSTEM SET synchronous_standby_names = ''"));  // it has no standby of its own
  run(with_psql("SELECT pg_reload_conf()"));
}

std::string PostgresServer::with_psql(const std::string& statement) const {
  return "psql -h 127.0.0.1 -p " + std::to_string(port_) + " -U fabu -d postgres -c \"" + statement + "\"";
}

void PostgresServer::make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "fabu-postgres-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  if (::geteuid() == 0) run("chown postgres " + name);
}

PostgresServer::~PostgresServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

// PostgreSQL refuses to run as root.
void PostgresServer::run(const std::string& command) const {
  const bool root = ::geteuid() == 0;
  const bool tool = !command.starts_with("chown ");
  const std::string whole = (root && tool ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "") +
                            (tool ? kTools + command : command) + " >>" + folder_.string() + ".log 2>&1 </dev/null";
  if (std::system(whole.c_str()) != 0) {
    std::ifstream log(folder_.string() + ".log");
    throw std::runtime_error(command + " failed:\n" + std::string(std::istreambuf_iterator<char>(log), {}));
  }
}

void PostgresServer::start() {
  run("pg_ctl -D " + folder_.string() + "/data -w -l " + folder_.string() + "/server.log -o \"-p " + std::to_string(port_) +
      " -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=100\" start");
  running_ = true;
}

void PostgresServer::kill() {
  if (!std::exchange(running_, false)) return;
  run("pg_ctl -D " + folder_.string() + "/data -m immediate -w stop");
}

std::string PostgresServer::address(const std::string& database) {
  const std::string server = "host=127.0.0.1 port=" + std::to_string(port_) + " user=fabu";
  if (made_.insert(database).second) {
    run("createdb --maintenance-db=postgres -h 127.0.0.1 -p " + std::to_string(port_) + " -U fabu '" + database + "'");
  }
  return server + " dbname=" + database;
}

}  // namespace fabu::peers

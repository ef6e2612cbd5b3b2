#include "peers/cups/cups_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>

namespace fabu::peers {
namespace {

int run(const std::vector<std::string>& command, const std::filesystem::path& log) {
  std::string line;
  for (const std::string& word : command) line += "'" + word + "' ";
  return std::system((line + ">>'" + log.string() + "' 2>&1").c_str());
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const std::filesystem::path& log,
                 const std::vector<std::string>& environment) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(out, 1);
    ::dup2(out, 2);
    for (const std::string& setting : environment) ::putenv(const_cast<char*>(setting.c_str()));
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
}

Process::~Process() {
  kill(SIGTERM);
  for (int i = 0; i < 50 && is_running(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  kill(SIGKILL);
}

void Process::kill(int signal) {
  if (pid_ <= 0) return;
  ::kill(pid_, signal);
  if (signal == SIGKILL) {
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
}

bool Process::is_running() {
  if (pid_ <= 0) return false;
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

void eventually(const std::string& what, const std::function<bool()>& holds, std::chrono::seconds within) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("never came true: " + what);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

bool is_listening(int port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool connected = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return connected;
}

CupsServer::CupsServer() : port_(free_port()) {
  std::string name = (std::filesystem::temp_directory_path() / "fabu-cups-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  std::filesystem::permissions(folder_, std::filesystem::perms(0755));
  configure();
  start();
}

CupsServer::~CupsServer() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void CupsServer::configure() {
  const std::string root = folder_.string();
  for (const char* part : {"etc", "etc/ppd", "etc/ssl", "state", "state/certs", "cache", "spool", "spool/tmp", "log", "out"}) {
    std::filesystem::create_directories(folder_ / part);
  }
  std::ofstream(folder_ / "etc/cups-files.conf")
      << "ServerRoot " << root << "/etc\nStateDir " << root << "/state\nCacheDir " << root << "/cache\nRequestRoot " << root
      << "/spool\nTempDir " << root << "/spool/tmp\nErrorLog " << root << "/log/error\nAccessLog " << root
      << "/log/access\nPageLog " << root << "/log/page\nServerKeychain " << root
      << "/etc/ssl\nUser lp\nGroup lp\nSystemGroup root lpadmin\nFileDevice Yes\n";
  std::ofstream(folder_ / "etc/cupsd.conf")
      << "LogLevel debug\nListen 127.0.0.1:" << port_ << "\nListen " << root
      << "/state/cups.sock\nBrowsing Off\nWebInterface No\nDefaultAuthType None\nPreserveJobHistory Yes\nPreserveJobFiles "
         "Yes\nDirtyCleanInterval 0\nMaxJobs 0\n"
         "ErrorPolicy retry-current-job\nJobRetryInterval 1\nDefaultEncryption Never\n"
         "<Location />\nOrder allow,deny\nAllow all\n</Location>\n<Location /admin>\nOrder allow,deny\nAllow all\n</Location>\n"
         "<Policy default>\nJobPrivateAccess all\nJobPrivateValues none\nSubscriptionPrivateAccess "
         "all\nSubscriptionPrivateValues none\n"
         "<Limit All>\nOrder allow,deny\nAllow all\n</Limit>\n</Policy>\n";
  run({"chown", "-R", "lp:lp", root + "/state", root + "/cache", root + "/spool", root + "/out"}, folder_ / "log/tools");
}

void CupsServer::start() {
  const std::string etc = (folder_ / "etc").string();
  process_ = std::make_unique<Process>(
      std::vector<std::string>{"/usr/sbin/cupsd", "-f", "-c", etc + "/cupsd.conf", "-s", etc + "/cups-files.conf"},
      folder_ / "log/cupsd");
  eventually("cupsd listens", [this] { return is_listening(port_); });
}

void CupsServer::kill() {
  process_->kill(SIGKILL);
  process_.reset();
}

void CupsServer::tool(const std::string& name, std::vector<std::string> arguments) {
  std::vector<std::string> command = {name, "-h", "127.0.0.1:" + std::to_string(port_)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  if (run(command, folder_ / "log/tools") != 0) throw std::runtime_error(name + " failed:\n" + log());
}

void CupsServer::add_file_queue(const std::string& name) {
  tool("lpadmin", {"-p", name, "-E", "-v", "file://" + (folder_ / "out" / name).string()});
}

void CupsServer::add_ipp_queue(const std::string& name, int printer_port) {
  tool("lpadmin", {"-p", name, "-E", "-v", "ipp://127.0.0.1:" + std::to_string(printer_port) + "/ipp/print"});
}

std::string CupsServer::log() const {
  std::string out;
  for (const char* file : {"log/tools", "log/cupsd", "log/error"}) {
    std::ifstream in(folder_ / file);
    std::string text(std::istreambuf_iterator<char>(in), {});
    out += std::string(file) + ":\n" + text.substr(text.size() > 3000 ? text.size() - 3000 : 0) + "\n";
  }
  return out;
}

}  // namespace fabu::peers

#include "broker/cli/config.h"

#include <gtest/gtest.h>

namespace fabu::cli {
namespace {

std::string first_fault(const std::string& yaml) {
  const auto config = Config::parse(yaml, "/etc/f.yaml");
  if (config) return "none";
  return config.error().problems.at(0).path() + " " + config.error().problems.at(0).what();
}

TEST(Config, IsWholeWithoutAFile) {
  const auto config = Config::parse("", "f.yaml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->listen, "127.0.0.1:8080");
  ASSERT_EQ(config->channels.size(), 2u);
  EXPECT_EQ(config->channels[0].name, "website");
  EXPECT_EQ(config->channels[1].kind, ChannelKind::noticeboard);
}

TEST(Config, ExampleIsTheDefault) {
  const auto example = Config::parse(config_example(), "f.yaml");
  ASSERT_TRUE(example) << example.error().problems.at(0).path() << example.error().problems.at(0).what();
  const auto nothing = Config::parse("", "f.yaml");
  EXPECT_EQ(example->listen, nothing->listen);
  EXPECT_EQ(example->site.name, nothing->site.name);
  EXPECT_EQ(example->channels.size(), nothing->channels.size());
  EXPECT_EQ(example->channels[1].media, nothing->channels[1].media);
}

TEST(Config, ExampleStaysSoundWithEverySettingUncommented) {
  std::string text(config_example());
  text.erase(0, text.find("listen:"));
  for (const char* const comment : {"# data:",
                                    "# catalogue:",
                                    "# name_en:",
                                    "# url:",
                                    "# domain:",
                                    "# id_code:",
                                    "# organisation:",
                                    "# contact:",
                                    "# icp:",
                                    "# police_record:",
                                    "# error_report_url:",
                                    "# description:",
                                    "# departments:",
                                    "#   - code:",
                                    "#     name:",
                                    "#     uscc:",
                                    "# folder:",
                                    "# index:",
                                    "# concurrency:",
                                    "# per_second:",
                                    "# cups:",
                                    "# store:",
                                    "#     amqp_user:",
                                    "# attachments:",
                                    "#   endpoint:",
                                    "#   region:",
                                    "#   bucket:",
                                    "#   access_key:",
                                    "#   secret_key_file:",
                                    "#   ca_file:",
                                    "# rabbitmq:",
                                    "#   servers:",
                                    "#   password_file:",
                                    "#   ca_file:",
                                    "#   certificate_file:",
                                    "#   key_file:",
                                    "#   partitions:",
                                    "# broker:",
                                    "#   url:",
                                    "#   key_file:",
                                    "#   ca_file:"}) {
    const auto at = text.find(comment);
    ASSERT_NE(at, std::string::npos) << comment;
    text.erase(at, 2);
  }
  const auto config = Config::parse(text, "/etc/f.yaml");
  ASSERT_TRUE(config) << config.error().problems.at(0).path() << " " << config.error().problems.at(0).what();
  EXPECT_EQ(config->site.id_code, "3499000012");
  EXPECT_EQ(config->departments.at(0).code, "GGJ");
  EXPECT_EQ(config->channels.at(0).concurrency, 4u);
  EXPECT_EQ(config->channels.at(1).cups->queue, "hall");
  EXPECT_EQ(config->departments.at(0).amqp_user, "ggj");
  EXPECT_EQ(config->store.substr(0, 24), "postgresql://fabu@db1,db");
  EXPECT_EQ(config->rabbitmq->servers.size(), 2u);
  EXPECT_EQ(config->rabbitmq->partitions, 1u);
  EXPECT_EQ(config->rabbitmq->key_file, "/etc/fabu/fabu.key");
  EXPECT_EQ(config->broker->key_file, "/etc/fabu/broker.key");
}

TEST(Config, ReadsPathsRelativeToItsOwnFolder) {
  const auto config = Config::parse("data: here\ncatalogue: /there/c.yaml\n", "/etc/fabu/f.yaml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->data, "/etc/fabu/here");
  EXPECT_EQ(config->catalogue, "/there/c.yaml");
}

TEST(Config, NamesTheLineOfWhatItDoesNotKnow) {
  EXPECT_EQ(first_fault("listen: 127.0.0.1:1\nlissen: x\n"), "/etc/f.yaml:2:1 lissen is not a setting here");
  EXPECT_EQ(first_fault("site:\n  nam: x\n"), "/etc/f.yaml:2:3 nam is not a setting here");
  EXPECT_EQ(first_fault("listen: a\nlisten: b\n").substr(0, 15), "/etc/f.yaml:2:1");
}

TEST(Config, SaysEveryFaultAtOnce) {
  const auto config = Config::parse(
      "listen: nowhere\nsite: {url: ftp://x, id_code: 12}\nchannels:\n  - {name: Website, kind: radio}\n", "f.yaml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().problems.size(), 5u);
  EXPECT_EQ(config.error().problems[0].path(), "f.yaml:1:9");
}

TEST(Config, RefusesAddressesThatAreNone) {
  for (const char* const bad : {"8080", ":8080", "host:", "host:99999", "::1:80", "host:8o"}) {
    EXPECT_NE(first_fault("listen: '" + std::string(bad) + "'"), "none") << bad;
  }
  for (const char* const good : {"0.0.0.0:0", "localhost:80", "'[::1]:8080'"})
    EXPECT_EQ(first_fault("listen: " + std::string(good)), "none");
}

TEST(Config, RefusesTwoChannelsOfOneNameAndPaperThatIsBothPrintedAndKept) {
  EXPECT_NE(first_fault("channels:\n  - {name: website}\n  - {name: website}\n").find("f.yaml:3"), std::string::npos);
  EXPECT_NE(first_fault("channels:\n  - {name: noticeboard, spool: a, cups: {queue: b}}\n").find("beside spool"),
            std::string::npos);
  EXPECT_NE(first_fault("channels:\n  - {name: website, per_second: 0}\n").find("per_second"), std::string::npos);
}

TEST(Config, TakesNoPasswordInAnAddressAndDoesNotRepeatIt) {
  for (const char* const bad :
       {"store: postgresql://fabu:s3cret@db/fabu", "store: postgresql://fabu:s3c/ret@db/fabu",
        "store: postgresql://fabu@db/fabu?password=s3cret", "store: postgresql://db/fabu?sslmode=require&sslpassword=s3cret",
        "rabbitmq: {servers: ['amqps://fabu:s3cret@mq']}", "rabbitmq: {servers: ['amqps://fabu:s3c/ret@mq']}"}) {
    const auto fault = first_fault(bad);
    EXPECT_NE(fault.find("`ps`"), std::string::npos) << fault;
    EXPECT_EQ(fault.find("s3c"), std::string::npos) << fault;
  }
  EXPECT_EQ(first_fault("store: postgresql://fabu@db1:5432,db2/fabu?passfile=/etc/fabu/pgpass"), "none");
}

TEST(Config, NamesTheLineOfAServerThatIsNone) {
  EXPECT_EQ(first_fault("listen: 127.0.0.1:1\nstore: mysql://db/fabu\n").substr(0, 22), "/etc/f.yaml:2:8 store ");
  EXPECT_EQ(first_fault("rabbitmq:\n  servers: ['http://mq']\n").substr(0, 25), "/etc/f.yaml:2:12 servers ");
  EXPECT_NE(first_fault("rabbitmq: {servers: []}").find("names no server"), std::string::npos);
  EXPECT_NE(first_fault("rabbitmq: {servers: ['amqp://mq'], partitions: 65}").find("partitions"), std::string::npos);
  EXPECT_NE(first_fault("rabbitmq: {servers: ['amqps://mq'], key_file: k}").find("without the other"), std::string::npos);
  EXPECT_NE(first_fault("rabbitmq: {servers: ['amqp://mq'], password: x}").find("not a setting"), std::string::npos);
}

TEST(Config, ReadsWhereAttachmentsComeFrom) {
  const auto config = Config::parse("broker: {url: 'https://fabu.example/', key_file: broker.key}", "/etc/fabu/f.yaml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->broker->url, "https://fabu.example");
  EXPECT_EQ(config->broker->key_file, "/etc/fabu/broker.key");
  EXPECT_NE(first_fault("broker: {url: 'https://fabu.example'}").find("key_file"), std::string::npos);
  EXPECT_NE(first_fault("broker: {url: fabu.example, key_file: k}").find("url"), std::string::npos);
  EXPECT_NE(first_fault("broker: {url: 'https://a@fabu.example', key_file: k}").find("user"), std::string::npos);
}

TEST(Config, ReadsABucketForAttachmentsBesidePostgresqlAlone) {
  const std::string bucket =
      "attachments: {endpoint: 'https://s3.example/', region: r, bucket: b, access_key: a, secret_key_file: s3.secret}\n";
  const auto config = Config::parse("store: postgresql://db/fabu\n" + bucket, "/etc/fabu/f.yaml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->attachments->endpoint, "https://s3.example");
  EXPECT_EQ(config->attachments->secret_key_file, "/etc/fabu/s3.secret");
  EXPECT_NE(first_fault(bucket).find("without store"), std::string::npos);
  EXPECT_NE(first_fault("store: postgresql://db/fabu\nattachments: {endpoint: s3, secret_key: x}").find("endpoint"),
            std::string::npos);
}

TEST(Config, LetsARabbitmqUserSubmitForOneDepartmentAlone) {
  const std::string two = "departments:\n  - {code: A, name: a, amqp_user: u}\n";
  EXPECT_EQ(first_fault(two + "  - {code: B, name: b}\n"), "none");
  EXPECT_NE(first_fault(two + "  - {code: B, name: b, amqp_user: u}\n").find("/etc/f.yaml:3"), std::string::npos);
  EXPECT_NE(first_fault(two + "  - {code: u, name: b}\n").find("another department"), std::string::npos);
}

TEST(Config, SurvivesWhatIsNotYaml) {
  for (const char* const bad : {"[", "a: b: c", "- x", "just text", "{a: 1", "--- {}\n--- {}\n", "? [a]\n: b"}) {
    EXPECT_NE(first_fault(bad), "none") << bad;
  }
}

}  // namespace
}  // namespace fabu::cli

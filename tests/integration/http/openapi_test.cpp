// The document says what the routes do, and the routes what the document says.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>

#include <map>
#include <set>

#include "broker/http/openapi.h"
#include "integration/http/served_broker.h"

namespace fabu::http {
namespace {

using nlohmann::json;
namespace pb = google::protobuf;

constexpr std::string_view kScopes[] = {"submit", "read", "operate", "audit", "review", "admin"};

struct OpenApi : ServedBroker {
  json document = json::parse(openapi_document());

  // "{path...}" is "{path}" there.
  static std::string path_of(std::string pattern) {
    if (const auto dots = pattern.find("..."); dots != std::string::npos) pattern.erase(dots, 3);
    return pattern;
  }
  static std::string lower(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  }
  static std::set<std::string> keys(const json& object) {
    std::set<std::string> found;
    for (const auto& [key, value] : object.items()) found.insert(key);
    return found;
  }
  static std::set<std::string> set_of(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }
};

TEST_F(OpenApi, DescribesEveryRouteAndNothingElse) {
  serve();
  std::set<std::string> routed, described;
  for (const auto& route : router_->routes()) routed.insert(lower(route.method) + " " + path_of(route.pattern));
  for (const auto& [path, operations] : document["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) described.insert(method + " " + path);
  }
  EXPECT_EQ(routed, described);
}

TEST_F(OpenApi, AgreesWithEveryRouteOnNamesMediaTypesAndScopes) {
  serve();
  for (const auto& route : router_->routes()) {
    const auto& operation = document["paths"][path_of(route.pattern)][lower(route.method)];
    EXPECT_EQ(operation["operationId"], route.id);
    EXPECT_EQ(operation["summary"], route.summary) << route.id;
    EXPECT_EQ(operation.contains("requestBody") ? keys(operation["requestBody"]["content"]) : std::set<std::string>(),
              set_of(route.takes))
        << route.id;
    for (const auto& [status, response] : operation["responses"].items()) {
      if (status.front() != '2') continue;
      EXPECT_EQ(response.contains("content") ? keys(response["content"]) : std::set<std::string>(), set_of(route.gives))
          << route.id;
    }
    std::set<std::string> said, asked;
    for (const auto& choice : operation["security"]) said.insert(choice["key"].at(0).get<std::string>());
    for (std::size_t bit = 0; bit < std::size(kScopes); ++bit) {
      if ((route.access.any_of >> bit & 1) != 0) asked.insert(std::string(kScopes[bit]));
    }
    EXPECT_EQ(said, asked) << route.id;
    const std::string path = path_of(route.pattern);
    for (const auto& piece : path_segments(path)) {
      if (piece.empty() || piece.front() != '{') continue;
      const std::string name(piece.substr(1, piece.find('}') - 1));
      const auto& parameters = operation["parameters"];
      EXPECT_TRUE(std::any_of(parameters.begin(), parameters.end(), [&](const json& p) {
        return p["name"] == name && p["in"] == "path" && p["required"] == true;
      })) << route.id;
    }
  }
}

TEST_F(OpenApi, SchemasHaveExactlyTheFieldsOfTheContract) {
  const auto& pool = *pb::DescriptorPool::generated_pool();
  int compared = 0;
  for (const auto& [name, schema] : document["components"]["schemas"].items()) {
    if (const auto* type = pool.FindEnumTypeByName("fabu.v1." + name)) {
      std::set<std::string> values;
      for (int i = 0; i < type->value_count(); ++i) values.insert(type->value(i)->name());
      EXPECT_EQ(std::set<std::string>(schema["enum"].begin(), schema["enum"].end()), values) << name;
      ++compared;
    } else if (const auto* message = pool.FindMessageTypeByName("fabu.v1." + name)) {
      std::set<std::string> fields;
      for (int i = 0; i < message->field_count(); ++i) {
        const auto* field = message->field(i);
        fields.insert(field->json_name());
        const auto& property = schema["properties"][field->json_name()];
        const auto& one = field->is_repeated() ? property["items"] : property;
        if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_UINT64 || field->cpp_type() == pb::FieldDescriptor::CPPTYPE_INT64) {
          EXPECT_EQ(one["type"], "string") << name << "." << field->name();
        }
        if (field->message_type() != nullptr && field->message_type()->file()->package() == "fabu.v1") {
          EXPECT_EQ(one["$ref"], "#/components/schemas/" + field->message_type()->name()) << name << "." << field->name();
        }
      }
      EXPECT_EQ(keys(schema["properties"]), fields) << name;
      ++compared;
    } else {
      EXPECT_EQ(name, "StoredAttachment");  // the one answer that is no message
    }
  }
  EXPECT_GT(compared, 40);
}

// Every "$ref" of the document.
void references(const json& value, std::set<std::string>& found) {
  if (value.is_object() && value.contains("$ref")) found.insert(value["$ref"].get<std::string>());
  if (value.is_structured()) {
    for (const auto& part : value) references(part, found);
  }
}

TEST_F(OpenApi, IsWellFormed) {
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_TRUE(document["info"].contains("title") && document["info"].contains("version"));
  std::set<std::string> found, ids;
  references(document, found);
  for (const auto& reference : found) EXPECT_TRUE(document.contains(json::json_pointer(reference.substr(1)))) << reference;
  for (const auto& [path, operations] : document["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      EXPECT_TRUE(ids.insert(operation["operationId"].get<std::string>()).second) << path;
      EXPECT_FALSE(operation["responses"].empty()) << path;
    }
  }
}

TEST_F(OpenApi, IsServed) {
  serve();
  const auto reply = ask_with("", "GET", "/openapi.json");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json(), document);
}

}  // namespace
}  // namespace fabu::http

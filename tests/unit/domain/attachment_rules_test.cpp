#include "broker/domain/attachment_rules.h"

#include <gmock/gmock.h>

#include "unit/domain/sample_item.h"

namespace fabu::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> with_file(const std::function<void(v1::Attachment&)>& change) {
  return faults_after([&](v1::Item& item) {
    auto& file = *item.add_attachments();
    file.set_name("采购文件.pdf");
    file.set_media_type("application/pdf");
    file.set_size(1);
    file.set_sha256(std::string(64, '0'));
    change(file);
  });
}

TEST(AttachmentRules, TakesAFileWithNameTypeSizeAndDigest) {
  EXPECT_THAT(with_file([](v1::Attachment&) {}), IsEmpty());
}

TEST(AttachmentRules, RefusesNamesThatAreNoFileNames) {
  for (const char* name : {"../a.pdf", "a/b.pdf", "a\\b.pdf", ".", "..", ".htaccess"}) {
    EXPECT_THAT(with_file([&](v1::Attachment& file) { file.set_name(name); }),
                ElementsAre("attachments[0].name: item.attachments.name.path"))
        << name;
  }
}

TEST(AttachmentRules, RefusesAMissingName) {
  EXPECT_THAT(with_file([](v1::Attachment& file) { file.clear_name(); }),
              ElementsAre("attachments[0].name: item.attachments.name.required"));
}

TEST(AttachmentRules, RefusesTheSameNameTwice) {
  EXPECT_THAT(faults_after([](v1::Item& item) {
                for (int i = 0; i < 2; ++i) {
                  auto& file = *item.add_attachments();
                  file.set_name("a.pdf");
                  file.set_media_type("application/pdf");
                  file.set_size(1);
                  file.set_sha256(std::string(64, '0'));
                }
              }),
              ElementsAre("attachments[1].name: item.attachments.name.twice"));
}

TEST(AttachmentRules, RefusesAMediaTypeThatIsNone) {
  for (const char* type : {"pdf", "application/", "/pdf", "application/pdf; x=1", "text/html\" onload"}) {
    EXPECT_THAT(with_file([&](v1::Attachment& file) { file.set_media_type(type); }),
                ElementsAre("attachments[0].media_type: item.attachments.media_type.form"))
        << type;
  }
  EXPECT_THAT(with_file([](v1::Attachment& file) {
                file.set_media_type("application/vnd.openxmlformats-officedocument.wordprocessingml.document");
              }),
              IsEmpty());
}

TEST(AttachmentRules, RefusesAMissingMediaType) {
  EXPECT_THAT(with_file([](v1::Attachment& file) { file.clear_media_type(); }),
              ElementsAre("attachments[0].media_type: item.attachments.media_type.required"));
}

TEST(AttachmentRules, RefusesASizeOfZero) {
  EXPECT_THAT(with_file([](v1::Attachment& file) { file.clear_size(); }),
              ElementsAre("attachments[0].size: item.attachments.size.required"));
}

TEST(AttachmentRules, RefusesADigestThatIsNotLowerCaseHex) {
  for (const auto& digest : {std::string(), std::string(63, '0'), std::string(64, 'A'), std::string(64, 'g')}) {
    EXPECT_THAT(with_file([&](v1::Attachment& file) { file.set_sha256(digest); }),
                ElementsAre("attachments[0].sha256: item.attachments.sha256.form"));
  }
}

}  // namespace
}  // namespace fabu::domain

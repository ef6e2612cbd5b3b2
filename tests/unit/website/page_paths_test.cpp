#include "adapters/website/page_paths.h"

#include <gtest/gtest.h>

namespace fabu::website {
namespace {

TEST(PagePaths, PutThePathOfTheBaseUrlBeforeEveryLink) {
  const PagePaths paths("https://www.chengzhou.example/gk/");
  EXPECT_EQ(paths.link(PagePaths::item(7)), "/gk/items/7/");
  EXPECT_EQ(paths.url(PagePaths::edition(7, 2)), "https://www.chengzhou.example/gk/items/7/editions/2/");
  EXPECT_EQ(PagePaths::file(PagePaths::item(7)), "items/7/index.html");
  EXPECT_EQ(PagePaths::file(PagePaths::list_page(ListKind::month, "2026-08", 3)), "lists/month/2026-08/3/index.html");
  EXPECT_THROW(PagePaths("www.chengzhou.example"), std::invalid_argument);
}

TEST(PagePaths, CodesThatWouldLeaveTheirFolderAreNotPlain) {
  EXPECT_TRUE(plain_code("GC-CANDIDATE_PUBLICITY"));
  for (const char* code : {"", "..", "a/b", "a.b", "中", "a b", "%2e"}) EXPECT_FALSE(plain_code(code)) << code;
}

TEST(AttachmentNames, StayInTheirFolderAndFitTheFileSystem) {
  const std::string digest(64, 'a');
  EXPECT_EQ(attachment_file_name("招标文件 (1).pdf", digest), "招标文件 (1).pdf");
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("a\\b"),
                                  std::string("a\nb"), std::string("a\0b", 3)}) {
    EXPECT_EQ(attachment_file_name(name, digest), "") << name;
  }
  std::string longest;
  for (int i = 0; i < 196; ++i) longest += "文";
  const std::string file = attachment_file_name(longest + ".pdf", digest);
  EXPECT_LE(file.size(), 240U);
  EXPECT_TRUE(file.ends_with("-aaaaaaaa.pdf"));
}

TEST(AttachmentHeaders, NothingThatCanRunIsShownInTheBrowser) {
  for (const char* name : {"a.html", "a.HTM", "a.svg", "a.xhtml", "a.xml", "a.js", "a", "a.pdf.html", "a.swf", "a.mht"}) {
    const auto headers = attachment_headers(name);
    EXPECT_EQ(headers.content_type, "application/octet-stream") << name;
    EXPECT_TRUE(headers.content_disposition.starts_with("attachment;")) << name;
  }
  EXPECT_EQ(attachment_headers("图.PNG").content_type, "image/png");
  EXPECT_EQ(attachment_headers("文 件\".pdf").content_disposition, "inline; filename*=UTF-8''%E6%96%87%20%E4%BB%B6%22.pdf");
}

}  // namespace
}  // namespace fabu::website

#include "broker/http/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "unit/run_awaitable.h"

namespace fabu::http {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct SiteTest : testing::Test {
  fs::path above = fs::temp_directory_path() / ("fabu-site-" + std::to_string(::getpid()));
  fs::path folder = above / "site";
  boost::asio::thread_pool pool{1};
  Site site{folder, pool};

  SiteTest() {
    put("index.html", "home");
    put("404.html", "nothing here");
    put("items/5/index.html", "item five");
    put("items/5/attachments/附件.pdf", "%PDF");
    put("items/5/attachments/evil.html", "<script>");
    put("items/5/attachments/evil.svg", "<svg/>");
    put("items/6/index.html", "withdrawn: reason");
    put("items/6/.gone", "{}");
    put("feed.atom", "<feed/>");
    put("static/site.css", "body{}");
    put("big.bin", std::string(1'000'000, 'b'));
    std::ofstream(above / "secret.txt") << "secret";
    fs::create_symlink(above / "secret.txt", folder / "link.txt");
    fs::create_directory_symlink(above, folder / "up");
  }
  ~SiteTest() override { fs::remove_all(above); }
  void put(const std::string& path, const std::string& bytes) {
    fs::create_directories((folder / path).parent_path());
    std::ofstream(folder / path, std::ios::binary) << bytes;
  }
  Response get(const std::string& target, const std::string& header = "", const std::string& value = "") {
    Request request;
    request.method = "GET";
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (!header.empty()) request.headers.set(header, value);
    return run(site.answer(std::move(request)));
  }
  static boost::asio::awaitable<std::string> all_of(std::shared_ptr<BodyStream> stream) {
    std::string text;
    for (;;) {
      auto piece = co_await stream->next();
      if (!piece || piece->empty()) co_return text;
      text += *piece;
    }
  }
};

TEST_F(SiteTest, ServesFilesAndTheIndexOfFolders) {
  EXPECT_EQ(get("/").body, "home");
  EXPECT_EQ(get("/items/5/").body, "item five");
  EXPECT_EQ(get("/items/5/").content_type, "text/html; charset=utf-8");
  EXPECT_THAT(get("/feed.atom").content_type, HasSubstr("application/atom+xml"));
}

TEST_F(SiteTest, SendsAFolderWithoutItsSlashToItsOwnAddress) {
  const auto moved = get("/items/5?x=1");
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.header("Location"), "/items/5/?x=1");
}

TEST_F(SiteTest, AnswersWhatIsNotThereWithTheSitesOwnPage) {
  const auto missing = get("/items/99/");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, "nothing here");
}

TEST_F(SiteTest, NoPathLeadsOutOfTheFolder) {
  for (const auto* path : {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/items/..%2f..%2f..%2fsecret.txt",
                           "//secret.txt", "/link.txt", "/up/secret.txt", "/up/", "/items/6/.gone", "/.staging/x", "/items/%00",
                           "/%5c..%5csecret.txt", "/items/5/../../../secret.txt"}) {
    const auto response = get(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.body, "nothing here") << path;
  }
}

TEST_F(SiteTest, AWithdrawnItemIsGoneWithItsNotice) {
  EXPECT_EQ(get("/items/6/").status, 410);
  EXPECT_EQ(get("/items/6/").body, "withdrawn: reason");
  EXPECT_EQ(get("/items/6/attachments/old.pdf").status, 410);
  EXPECT_EQ(get("/items/6/attachments/old.pdf").body, "withdrawn: reason");
}

TEST_F(SiteTest, WhatTheClientHasAlreadyIsNotSentAgain) {
  const auto first = get("/items/5/");
  const std::string etag(first.header("ETag"));
  EXPECT_EQ(get("/items/5/", "If-None-Match", etag).status, 304);
  EXPECT_EQ(get("/items/5/", "If-None-Match", "\"x\", " + etag).status, 304);
  EXPECT_EQ(get("/items/5/", "If-None-Match", "\"x\"").status, 200);
  EXPECT_EQ(get("/items/5/", "If-Modified-Since", std::string(first.header("Last-Modified"))).status, 304);
}

TEST_F(SiteTest, AttachmentsThatCouldRunScriptAreDownloaded) {
  const auto pdf = get("/items/5/attachments/%E9%99%84%E4%BB%B6.pdf");
  EXPECT_EQ(pdf.content_type, "application/pdf");
  EXPECT_EQ(pdf.header("Content-Disposition"), "inline; filename*=UTF-8''%E9%99%84%E4%BB%B6.pdf");
  for (const auto* name : {"evil.html", "evil.svg"}) {
    const auto evil = get(std::string("/items/5/attachments/") + name);
    EXPECT_EQ(evil.content_type, "application/octet-stream");
    EXPECT_THAT(std::string(evil.header("Content-Disposition")), testing::StartsWith("attachment;"));
  }
}

TEST_F(SiteTest, EveryPageForbidsScriptAndFraming) {
  for (const auto* path : {"/", "/items/5/", "/items/99/", "/items/6/"}) {
    const auto response = get(path);
    EXPECT_THAT(std::string(response.header("Content-Security-Policy")), HasSubstr("default-src 'none'")) << path;
    EXPECT_THAT(std::string(response.header("Content-Security-Policy")), HasSubstr("frame-ancestors 'none'")) << path;
    EXPECT_FALSE(response.header("Referrer-Policy").empty());
  }
}

TEST_F(SiteTest, LargeFilesAreStreamedAndPartsOfThemSent) {
  const auto whole = get("/big.bin");
  ASSERT_TRUE(whole.stream);
  EXPECT_EQ(whole.length, 1'000'000U);
  EXPECT_EQ(run(all_of(whole.stream)), std::string(1'000'000, 'b'));
  const auto part = get("/big.bin", "Range", "bytes=10-19");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "bbbbbbbbbb");
  EXPECT_EQ(part.header("Content-Range"), "bytes 10-19/1000000");
  EXPECT_EQ(get("/big.bin", "Range", "bytes=1000000-").status, 416);
}

}  // namespace
}  // namespace fabu::http

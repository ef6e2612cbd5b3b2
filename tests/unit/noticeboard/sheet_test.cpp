// Sheets are read back as a reader's tools would: pdftotext for the words, pdftoppm and zbarimg for the code.
#include "adapters/noticeboard/sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "temp_folder.h"

namespace fabu::noticeboard {
namespace {

using testing::HasSubstr;
using testing::Not;

const SheetOptions kOptions{"https://ggzy.example.gov.cn", "澄州市公共资源交易网", Media::a4};

struct Sample {
  v1::Item item;
  v1::Work work;
};

Sample sample(const std::string& body, v1::BodyFormat format = v1::BODY_FORMAT_MARKDOWN) {
  Sample out;
  out.item.set_title("澄州市东部新城云桥路（清泉路至文昌路）道路排水工程施工中标候选人公示");
  out.item.set_doc_no("澄公管规〔2026〕1号");
  out.item.mutable_publisher()->set_name("澄州市公共资源交易管理局");
  out.item.set_formed_date("2026-08-18");
  out.item.mutable_notice_period()->set_start("2026-08-20");
  out.item.mutable_notice_period()->set_end("2026-08-24");
  out.item.mutable_body()->set_format(format);
  out.item.mutable_body()->set_text(body);
  v1::Edition& edition = *out.work.mutable_edition();
  edition.set_item_id(42);
  edition.set_number(1);
  edition.set_kind(v1::EDITION_KIND_ORIGINAL);
  edition.set_received_ms(1787187600000);
  edition.set_index_no("11349900MB1K27N4XP/202608-00011");
  out.work.mutable_delivery()->set_id("42-1-noticeboard");
  out.work.mutable_delivery()->set_action(v1::ACTION_PUBLISH);
  return out;
}

Sheet render(Sample sample, const SheetOptions& options = kOptions) {
  sample.work.mutable_edition()->set_content(sample.item.SerializeAsString());
  return render_sheet(sample.work, options);
}

std::string output_of(const std::string& command) {
  std::string out;
  FILE* const pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> bytes{};
  for (std::size_t n = 0; (n = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;) out.append(bytes.data(), n);
  ::pclose(pipe);
  return out;
}

std::string words(const Sheet& sheet, unsigned page = 0) {
  const TempFolder folder;
  std::ofstream(folder / "x.pdf", std::ios::binary) << sheet.pdf;
  const std::string range = page == 0 ? "" : " -f " + std::to_string(page) + " -l " + std::to_string(page);
  // Spaces are the tool's guess from distances, line ends are the layout's.
  std::string text = output_of("pdftotext" + range + " " + (folder / "x.pdf").string() + " -");
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

std::string lines_of(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += "第" + std::to_string(i) + "段。\n\n";
  return out;
}

TEST(Sheet, ShowsMarkNumberTitleBodyAndFoot) {
  const std::string text = words(render(sample("**一、项目概况**\n\n招标控制价：41986532.18元。")));
  for (const char* part :
       {"澄州市公共资源交易管理局", "澄公管规〔2026〕1号", "中标候选人公示", "一、项目概况", "41986532.18", "2026年8月18日",
        "11349900MB1K27N4XP/202608-00011", "2026年8月20日至2026年8月24日", "42-1-noticeboard", "—1—"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(Sheet, IsTheSameForTheSameWork) {
  const Sample same = sample("甲\n\n| a | b |\n|---|---|\n| 1 | 2 |\n");
  const Sheet first = render(same);
  EXPECT_EQ(first.pdf, render(same).pdf);
  EXPECT_THAT(first.pdf, Not(HasSubstr("D:20270")));
}

TEST(Sheet, IsTheSameOnEveryThread) {
  const Sample same = sample(lines_of(30));
  const std::string expected = render(same).pdf;
  std::vector<std::string> made(4);
  std::vector<std::thread> threads;
  for (std::string& pdf : made) {
    threads.emplace_back([&pdf, &same] {
      for (int i = 0; i < 3; ++i) pdf = render(same).pdf;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& pdf : made) EXPECT_EQ(pdf, expected);
}

TEST(Sheet, QrCodeLeadsToThePage) {
  const Sheet sheet = render(sample("甲"));
  const TempFolder folder;
  std::ofstream(folder / "x.pdf", std::ios::binary) << sheet.pdf;
  output_of("pdftoppm -r 150 -png -singlefile " + (folder / "x.pdf").string() + " " + (folder / "x").string());
  EXPECT_THAT(output_of("zbarimg --quiet --raw " + (folder / "x.png").string() + " 2>/dev/null"),
              HasSubstr("https://ggzy.example.gov.cn/items/42/"));
}

TEST(Sheet, FlowsOverPagesAndNeverLeavesTheSignatureAlone) {
  for (int count = 1; count < 60; count += 3) {
    const Sheet sheet = render(sample(lines_of(count)));
    const std::string last = words(sheet, sheet.pages);
    EXPECT_THAT(last, HasSubstr("第" + std::to_string(count - 1) + "段")) << count << " paragraphs";
    EXPECT_THAT(last, HasSubstr("2026年8月18日"));
    EXPECT_THAT(last, HasSubstr("—" + std::to_string(sheet.pages) + "—"));
    EXPECT_THAT(words(sheet, 1), HasSubstr("第0段")) << "the first page shows body";
  }
}

TEST(Sheet, RepeatsTheHeadOfATableOnEachPage) {
  std::string body = "| 序号 | 证书编号 |\n|---|---|\n";
  for (int i = 0; i < 80; ++i) body += "| " + std::to_string(i) + " | 皖13420999001" + std::to_string(10000 + i) + " |\n";
  const Sheet sheet = render(sample(body));
  ASSERT_GE(sheet.pages, 3u);
  for (unsigned page = 1; page <= sheet.pages - 1; ++page) EXPECT_THAT(words(sheet, page), HasSubstr("证书编号"));
}

TEST(Sheet, DoesNotBreakLongNumbersInTables) {
  std::string body = "|", rule = "|", row = "|";
  for (int i = 0; i < 9; ++i) {
    body += " 竞买保证金（万元）" + std::to_string(i) + " |";
    rule += "---|";
    row += i == 4 ? " 皖1342099900101234 |" : " 46213.50 |";
  }
  const std::string text = words(render(sample(body + "\n" + rule + "\n" + row + "\n")));
  EXPECT_THAT(text, HasSubstr("1342099900101234"));
  EXPECT_THAT(text, HasSubstr("46213.50"));
}

TEST(Sheet, DoesNotSignTwiceWhatIsSignedAlready) {
  const std::string text = words(render(sample("正文。\n\n澄州市城市建设投资控股集团有限公司\n\n2026年8月20日")));
  EXPECT_THAT(text, HasSubstr("澄州市城市建设投资控股集团有限公司"));
  EXPECT_THAT(text, Not(HasSubstr("2026年8月18日")));
}

TEST(Sheet, PlainTextSignedOnItsLastLinesIsNotSignedTwice) {
  const std::string text = words(
      render(sample("各有关单位：\n现通知如下：\n一、放假时间\n共7天。\n澄州市某局\n2026年8月20日", v1::BODY_FORMAT_PLAIN)));
  EXPECT_THAT(text, HasSubstr("澄州市某局"));
  EXPECT_THAT(text, Not(HasSubstr("2026年8月18日")));
}

TEST(Sheet, ClosesUpLinesWhereThatSavesASheet) {
  // With one paragraph more at a time the number of sheets grows by one, later than it would without closing up.
  unsigned before = render(sample(lines_of(1))).pages, changed = 0;
  for (int count = 2; count < 45; ++count) {
    const unsigned pages = render(sample(lines_of(count))).pages;
    EXPECT_GE(pages, before);
    EXPECT_LE(pages, before + 1);
    if (pages > before) ++changed;
    before = pages;
  }
  EXPECT_EQ(changed, 2u);
}

TEST(Sheet, SaysWhatACorrectionReplaces) {
  Sample corrected = sample("甲");
  corrected.work.mutable_edition()->set_kind(v1::EDITION_KIND_CORRECTION);
  corrected.work.mutable_edition()->set_number(2);
  corrected.work.mutable_edition()->set_reason("开标时间误写");
  v1::EditionNote& earlier = *corrected.work.add_history();
  earlier.set_number(1);
  earlier.set_received_ms(1787000000000);
  const std::string text = words(render(corrected));
  EXPECT_THAT(text, HasSubstr("更正"));
  EXPECT_THAT(text, HasSubstr("代替2026年8月18日发布的第1版"));
  EXPECT_THAT(text, HasSubstr("开标时间误写。"));
}

TEST(Sheet, AWithdrawalIsANoticeOfItsOwn) {
  Sample withdrawn = sample("不应出现的正文");
  withdrawn.work.mutable_delivery()->set_action(v1::ACTION_WITHDRAW);
  withdrawn.work.mutable_edition()->set_reason("采购终止");
  const std::string text = words(render(withdrawn));
  EXPECT_THAT(text, HasSubstr("现予撤回"));
  EXPECT_THAT(text, HasSubstr("撤回原因：采购终止"));
  EXPECT_THAT(text, Not(HasSubstr("不应出现的正文")));
  EXPECT_THAT(text, Not(HasSubstr("张贴期限")));
  EXPECT_THAT(text, HasSubstr("撤回日期："));
  EXPECT_THAT(text, Not(HasSubstr("公开日期")));
}

TEST(Sheet, ListsAttachmentsAndKeepsThePersonInChargeInternal) {
  Sample with = sample("甲");
  with.item.add_attachments()->set_name("评标报告.pdf");
  with.item.add_attachments()->set_name("报价表.xlsx");
  with.item.set_responsible_person("经办人某");
  const std::string text = words(render(with));
  EXPECT_THAT(text, HasSubstr("附件：1.评标报告.pdf"));
  EXPECT_THAT(text, HasSubstr("2.报价表.xlsx"));
  EXPECT_THAT(text, Not(HasSubstr("经办人某")));
}

TEST(Sheet, IsAsLargeAsItsMedia) {
  const TempFolder folder;
  SheetOptions a3 = kOptions;
  a3.media = Media::a3;
  std::ofstream(folder / "a3.pdf", std::ios::binary) << render(sample("甲"), a3).pdf;
  EXPECT_THAT(output_of("pdfinfo " + (folder / "a3.pdf").string()), HasSubstr("(A3)"));
  std::ofstream(folder / "a4.pdf", std::ios::binary) << render(sample("甲")).pdf;
  EXPECT_THAT(output_of("pdfinfo " + (folder / "a4.pdf").string()), HasSubstr("(A4)"));
}

TEST(Sheet, RefusesContentThatIsNoItem) {
  v1::Work work;
  work.mutable_edition()->set_content("\xff\xff");
  EXPECT_THROW(render_sheet(work, kOptions), std::invalid_argument);
}

TEST(Sheet, SurvivesHostileBodies) {
  for (const std::string& body : {std::string(5000, 'x'), std::string("\n\n"), std::string("<table>") + std::string(100, '<'),
                                  std::string("一、"), std::string("|a|\n|-|\n|" + std::string(8000, 'y') + "|\n")}) {
    EXPECT_GE(render(sample(body)).pages, 1u);
    EXPECT_GE(render(sample(body, v1::BODY_FORMAT_HTML)).pages, 1u);
    EXPECT_GE(render(sample(body, v1::BODY_FORMAT_PLAIN)).pages, 1u);
  }
}

}  // namespace
}  // namespace fabu::noticeboard

// Items for load: like a real notice of about 2 KB, each with its own reference and title.
#pragma once

#include <fabu/v1/item.pb.h>

#include <cstdint>
#include <string>

namespace fabu::load {

// `bytes` is the size of the serialised item, padded in the body.
inline v1::Item sample_item(const std::string& department, const std::string& reference, std::size_t bytes = 2048) {
  v1::Item item;
  item.set_department(department);
  item.set_reference(reference);
  item.set_catalogue_entry("ZC-AWARD_RESULT");
  item.set_title("负载测试采购项目中标结果公告 " + reference);
  item.set_summary("用于负载与故障测试的公告。");
  item.mutable_publisher()->set_name("澄州市公共资源交易管理局");
  item.mutable_publisher()->set_uscc("11349900MB1K27N4XP");
  item.set_formed_date("2026-06-15");
  item.set_responsible_section("政府采购监管科");
  item.set_project_code("CZZC2026LOAD");
  item.mutable_notice_period()->set_start("2026-06-16");
  item.mutable_notice_period()->set_end("2026-06-17");
  item.mutable_body()->set_format(v1::BODY_FORMAT_MARKDOWN);
  std::string& text = *item.mutable_body()->mutable_text();
  text = "**一、项目编号：** CZZC2026LOAD\n\n**二、项目名称：** " + reference + "\n\n";
  while (item.ByteSizeLong() < bytes) text += "供应商名称：澄州云帆教育科技有限公司；金额：1558480.00元。\n\n";
  return item;
}

}  // namespace fabu::load

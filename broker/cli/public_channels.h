// The channels of this machine, made as the configuration says.
#pragma once

#include <filesystem>

#include "broker/cli/channel_crew.h"
#include "broker/cli/config.h"
#include "broker/domain/catalogue.h"

namespace fabu::cli {

// Where the public pages lie; empty when no website is configured.
std::filesystem::path site_folder(const Config& config, const std::filesystem::path& data);

// Makes every configured channel. The first website's search answers /search. Config and catalogue outlive the channels.
MakeChannels public_channels(const Config& config, const domain::Catalogue& catalogue, const std::filesystem::path& data);

}  // namespace fabu::cli

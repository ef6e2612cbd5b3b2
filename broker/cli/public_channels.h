// The channels of this machine, made as the configuration says.
#pragma once

#include <filesystem>

#include "broker/cli/channel_crew.h"
#include "broker/cli/config.h"
#include "broker/domain/catalogue.h"

namespace fabu::cli {

// Where the public pages lie; empty when no website is configured.
std::filesystem::path site_folder(const Config& config, const std::filesystem::path& data);

// Whether other processes of this machine may write the same site.
enum class Sharing { alone, shared };

// Makes every configured channel. The first website's search answers /search. Config and catalogue outlive the channels. A
// website's index lies where the configuration says; else in DATA/NAME-index.db; but beside a configured folder, as
// FOLDER-index.db, when that is shared: who shares a site shares its index.
MakeChannels public_channels(const Config& config, const domain::Catalogue& catalogue, const std::filesystem::path& data,
                             Sharing);

}  // namespace fabu::cli

#include "broker/cli/config.h"

namespace fabu::cli {

std::string_view config_example() {
  return R"(# Configuration of `fabu serve`, `fabu broker` and `fabu adapter` (--config FILE). Every setting may be left out; what stands here
# is the default, and what stands behind a # is an example. Relative paths are relative to this file. Passwords and keys stand in
# files of their own. `fabu config check FILE` says every fault with its line.

listen: 127.0.0.1:8080        # HOST:PORT or [IPV6]:PORT; port 0 picks one and prints it. Put TLS in front (nginx).
# data: /var/lib/fabu         # database, attachments, site, PDFs, the log's key; --data wins
# store: postgresql://fabu@db1,db2/fabu?target_session_attrs=read-write&passfile=/etc/fabu/pgpass
                              # default: SQLite under the data folder. What may stand behind the ?: PostgreSQL's manual, 34.1.2
# catalogue: catalogue.yaml   # the 公开目录; default: the one that is shipped (fabu catalogue list)

site:
  name: 政府信息公开           # 网站名称
  # name_en: Government Information
  # url: https://ggj.example.gov.cn      # the address that the public uses; default: where it listens
  # domain: ggj.example.gov.cn           # SiteDomain of the page tags (国办发〔2017〕47号)
  # id_code: "3499000012"                # 政府网站标识码, 10 digits; quote it
  # organisation: 某某市公共资源交易管理局  # 主办单位
  # contact: 某某市某某路1号 0000-1234567
  # icp: 某ICP备00000000号
  # police_record: 某公网安备 00000000000000号
  # error_report_url: https://zfwzgl.www.gov.cn/exposure/jiucuo.html
  # description: 某某市公共资源交易信息公开

# Who may submit. Without this list any department code is taken that has a key.
# departments:
#   - code: GGJ                           # 1-32 letters, digits, - and _
#     name: 某某市公共资源交易管理局
#     uscc: 11349900MB1K27N4XP            # prefix of its 索引号; default: the publisher's of each item
#     amqp_user: ggj                      # the RabbitMQ user that submits for it; default: its code

# Where items are published; the catalogue names these channels.
channels:
  - name: website
    kind: website
    # folder: /srv/www/site               # default: DATA/site, served by fabu itself; nginx may serve it instead
    # index: /srv/www/site-index.db       # its search index; default: DATA/website-index.db, of an adapter with a folder: FOLDER-index.db
    # concurrency: 4                      # deliveries at once, 1-64
    # per_second: 50                      # starts a second
  - name: noticeboard
    kind: noticeboard
    # spool: /srv/notices                 # PDFs are kept here; default: DATA/noticeboard
    # cups: {server: localhost, queue: hall}   # or: printed on this queue
    media: A4                             # A4 or A3

# Where attachments lie when the store is PostgreSQL; default: in it. Those of before stay readable where they are.
# attachments:
#   endpoint: https://s3.example.gov.cn          # S3-compatible storage; its bucket is the first part of the path
#   region: cn-north-1
#   bucket: fabu
#   access_key: FABU
#   secret_key_file: /etc/fabu/s3.secret         # its first line
#   ca_file: /etc/fabu/ca.pem                    # default: the system's authorities

# RabbitMQ, of `fabu broker` and `fabu adapter`: the same for all of them.
# rabbitmq:
#   servers: [amqps://fabu@mq1.example:5671/fabu, amqps://fabu@mq2.example:5671/fabu]   # amqps://USER@HOST:PORT/VHOST, tried in turn
#   password_file: /etc/fabu/rabbitmq.password   # its first line
#   ca_file: /etc/fabu/ca.pem                    # default: the system's authorities
#   certificate_file: /etc/fabu/fabu.pem         # a client certificate, with its key
#   key_file: /etc/fabu/fabu.key
#   partitions: 1                                # queues of each channel, 1-64: as many workers of it can be busy at once

# Where `fabu adapter` fetches attachments.
# broker:
#   url: https://fabu.example.gov.cn
#   key_file: /etc/fabu/broker.key               # an API key with scope read: fabu key create --scope read
#   ca_file: /etc/fabu/ca.pem                    # default: the system's authorities

log:
  level: info                 # debug, info, warn, error
  format: text                # text, json
)";
}

}  // namespace fabu::cli

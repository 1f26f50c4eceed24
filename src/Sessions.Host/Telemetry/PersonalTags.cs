using System.Diagnostics;
using OpenTelemetry;

namespace Sessions.Host.Telemetry;

/// <summary>
/// Removes personal data from spans: keys of grains and paths and queries of requests contain distinct ids.
/// </summary>
internal sealed class PersonalTags : BaseProcessor<Activity>
{
    private static readonly string[] Personal =
    [
        "orleans.rpc.target_id",
        "orleans.rpc.source_id",
        "orleans.grain.id",
        "url.path",
        "url.query",
        "url.full",
        "http.target",
        "http.url",
        "client.address",
        "network.peer.address",
        "user_agent.original",
    ];

    public override void OnEnd(Activity data)
    {
        foreach (string tag in Personal)
        {
            if (data.GetTagItem(tag) is not null)
            {
                data.SetTag(tag, null);
            }
        }
    }
}

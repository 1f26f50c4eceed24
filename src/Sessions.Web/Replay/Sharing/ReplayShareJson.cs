using System.ComponentModel;
using System.Text.Json.Serialization;
using Sessions.Queries.ReplayShares;
using Sessions.Web.Api;

namespace Sessions.Web.Replay.Sharing;

/// <summary>A link to a recording, as the API lists it.</summary>
[Description("A link to a recording that works. Its address is only in the answer that made it.")]
internal sealed record ReplayShareJson(Guid Id, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    public static ReplayShareJson Of(ReplayShare share) => new(share.Id, share.CreatedBy, share.CreatedAt, share.ExpiresAt);
}

/// <summary>A link that was made just now.</summary>
[Description("A link to a recording that was made. The server stores no address, so only this answer has it.")]
internal sealed record NewReplayShareJson(
    Guid Id,
    [property: Description("The link: it shows this recording without sign-in.")] string Url,
    DateTimeOffset ExpiresAt);

/// <summary>A link to make, as the API takes it.</summary>
/// <param name="ExpiresInSeconds">How long it works.</param>
[Description("A link to make.")]
internal sealed record ReplayShareRequestJson(
    [property: Description("How long the link works: 1 to 2592000 seconds, which are 30 days.")] int? ExpiresInSeconds);

/// <summary>Reads and writes the records of links.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(PageJson<ReplayShareJson>))]
[JsonSerializable(typeof(NewReplayShareJson))]
[JsonSerializable(typeof(ReplayShareRequestJson))]
internal sealed partial class ReplayShareJsonContext : JsonSerializerContext;

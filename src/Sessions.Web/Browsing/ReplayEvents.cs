using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Sessions.Queries;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Browsing;

/// <summary>An event in the list beside a recording.</summary>
/// <param name="Timestamp">Its time.</param>
/// <param name="WindowId">The window in which it happened.</param>
/// <param name="Title">What happened, in the words of the timeline.</param>
/// <param name="Viewed">The address of the viewed page; null for other events.</param>
internal sealed record ReplayEventJson(DateTimeOffset Timestamp, string? WindowId, string Title, string? Viewed);

/// <summary>Writes the events of a recording's list.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(PageJson<ReplayEventJson>))]
internal sealed partial class ReplayEventsJson : JsonSerializerContext;

/// <summary>The events of a session for the script of its recording, which reads them with the page's cookie.</summary>
internal static class ReplayEvents
{
    public static async Task<IResult> List(
        string id,
        string? limit,
        string? cursor,
        HttpContext context,
        EventQueries events,
        ListConcurrencyLimit lists,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        Outcome<EventPage?> read = await SessionEndpoints.ReadEvents(id, limit, cursor, context.User.Project(), events, lists, options.Value, cancellation);
        return read.ToAnswer(page => page is null ? SessionEndpoints.NotFound() : JsonAnswer.Of(
            new PageJson<ReplayEventJson>([.. page.Events.Select(Of)], page.Next is null ? null : Cursor.Write(page.Next)),
            ReplayEventsJson.Default.PageJsonReplayEventJson));
    }

    private static ReplayEventJson Of(EventRow happened)
    {
        var title = EventTitle.Of(happened);
        return new(
            happened.Timestamp,
            happened.WindowId,
            title.About is null ? title.Name : $"{title.Name} {title.About}",
            happened.Event == "$pageview" ? happened.CurrentUrl : null);
    }
}

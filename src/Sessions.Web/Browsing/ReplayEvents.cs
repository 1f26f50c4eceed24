using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Sessions.Domain.Events;
using Sessions.Domain.Replay.Clicks;
using Sessions.Queries;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Browsing;

/// <summary>An event in the list beside a recording.</summary>
/// <param name="Timestamp">Its time.</param>
/// <param name="WindowId">The window in which it happened.</param>
/// <param name="Event">Its name.</param>
/// <param name="Kind">The kind of its entry: page, click, trouble, input, submit, error or event.</param>
/// <param name="Title">What happened, in the words of the timeline.</param>
/// <param name="About">Where, or another detail; null for none.</param>
/// <param name="Viewed">The address of the viewed page; null for other events.</param>
/// <param name="EventId">Its id; null when it was found in the recording.</param>
/// <param name="After">The cursor with which the API's list of events begins with it; empty for the first one.</param>
/// <param name="IsFound">Whether no SDK said it, but the server found it in the recording. The recorded click has its name.</param>
internal sealed record ReplayEventJson(
    DateTimeOffset Timestamp, string? WindowId, string Event, string Kind, string Title, string? About, string? Viewed,
    Guid? EventId = null, string? After = null, bool IsFound = false);

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
        ReplayQueries replays,
        ListConcurrencyLimit lists,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        Outcome<EventPage?> read = await SessionEndpoints.ReadEvents(id, limit, cursor, context.User.Project(), events, lists, options.Value, cancellation);
        // What was found in the recording comes with the first page.
        IReadOnlyList<FoundClick> found = read.Value is not null && string.IsNullOrEmpty(cursor)
            ? await replays.FoundClicks(SessionKey.Create(context.User.Project(), Guid.ParseExact(id, "D")), cancellation)
            : [];
        return read.ToAnswer(page => page is null ? SessionEndpoints.NotFound() : JsonAnswer.Of(
            new PageJson<ReplayEventJson>([.. OfPage(page.Events, cursor ?? ""), .. found.Select(Of)], page.Next is null ? null : Cursor.Write(page.Next)),
            ReplayEventsJson.Default.PageJsonReplayEventJson));
    }

    private static IEnumerable<ReplayEventJson> OfPage(IReadOnlyList<EventRow> events, string cursor) =>
        events.Select((happened, at) => Of(happened) with { After = at == 0 ? cursor : Cursor.Write(EventPosition.Of(events[at - 1])) });

    private static ReplayEventJson Of(FoundClick found)
    {
        bool isRage = found.Trouble == ClickTrouble.Rage;
        return new ReplayEventJson(
            DateTimeOffset.FromUnixTimeMilliseconds(found.TimeMs),
            found.WindowId,
            isRage ? EventNames.RageClick : EventNames.DeadClick,
            "trouble",
            isRage ? "Rage click" : "Dead click",
            About: null,
            Viewed: null,
            IsFound: true);
    }

    internal static ReplayEventJson Of(EventRow happened)
    {
        var title = EventTitle.Of(happened);
        string kind = KindOf(happened);
        // Where it was clicked is what the recording shows. Of a view and a fault it is what the entry is about.
        bool isAbout = title.About is not null && kind is "page" or "error" or "event";
        return new(
            happened.Timestamp,
            happened.WindowId,
            happened.Event,
            kind,
            isAbout && title.About is not null ? $"{title.Name} {title.About}" : title.Name,
            title.About,
            happened.Event == "$pageview" ? happened.CurrentUrl : null,
            happened.EventId);
    }

    private static string KindOf(EventRow happened) => happened.Event switch
    {
        "$pageview" or "$screen" or "$pageleave" => "page",
        "$autocapture" => TypeOf(happened) switch
        {
            "change" => "input",
            "submit" => "submit",
            "copy" or "cut" => "event",
            _ => "click",
        },
        "$rageclick" or "$dead_click" => "trouble",
        "$exception" => "error",
        _ => "event",
    };

    private static string? TypeOf(EventRow happened)
    {
        using var document = JsonDocument.Parse(happened.PropertiesJson ?? "{}");
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("$event_type", out JsonElement type) && type.ValueKind == JsonValueKind.String
                ? type.GetString()
                : null;
    }
}

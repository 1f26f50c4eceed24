using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Web.Access;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Browsing;

/// <summary>
/// What the fields of filters suggest: the project's own events, properties and values. They are those of the latest
/// sessions, so that the answer takes little time however much a project has.
/// </summary>
internal static class SuggestionEndpoints
{
    public static void MapSuggestions(this IEndpointRouteBuilder pages) => pages.MapGet("/suggestions", Suggest);

    /// <summary>The values of a property; without a key the properties of events.</summary>
    private static async Task<JsonHttpResult<IReadOnlyList<string>>> Suggest(
        [FromQuery] string? of,
        [FromQuery] string? key,
        HttpContext context,
        SuggestionQueries suggestions,
        ListConcurrencyLimit lists,
        CancellationToken cancellation)
    {
        string project = context.User.Project();
        SessionProperty? property = key is null ? null : SessionProperties.Find(key);
        bool isOfEvent = of == "event", isText = key is null || PropertyText.TryParse(PropertyType.Text, key, out _);
        Outcome<IReadOnlyList<string>> found = await lists.Run<IReadOnlyList<string>>(
            async timely => (isOfEvent, key) switch
            {
                (true, null or "") => await suggestions.GetEventKeys(project, lists.Limits, timely),
                (true, _) when isText => await suggestions.GetEventValues(project, EventField.Find(key), lists.Limits, timely),
                (false, _) when property is { Type: PropertyType.Text } => await suggestions.GetValues(project, property, lists.Limits, timely),
                (false, _) when property is { Type: PropertyType.Boolean } => ["true", "false"],
                _ => [],
            },
            cancellation);
        // Without suggestions people type the value themselves.
        return TypedResults.Json<IReadOnlyList<string>>(
            found.TryGet(out IReadOnlyList<string>? values) ? [.. values.Select(value => DirectReferrer.Show(key ?? "", "exact", value))] : []);
    }
}

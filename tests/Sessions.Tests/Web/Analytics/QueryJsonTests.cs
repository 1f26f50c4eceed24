using System.Text.Json;
using Sessions.Domain.Querying;
using Sessions.Web.Analytics;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Tests.Web.Analytics;

/// <summary>The query of a page, and the JSON that the explorer shows for it.</summary>
public sealed class QueryJsonTests
{
    private static readonly QueryJson Full = new()
    {
        DateFrom = "-7d",
        DateTo = "2026-01-31",
        Interval = null,
        Series = [new SeriesJson(null, "total"), new SeriesJson("<sign \"up\">", "avg", "$session_duration")],
        Formula = "A / B",
        Filters = FilterRows.ToJson(
        [
            new FilterRow("$browser", "in", "Firefox, Safari"),
            new FilterRow("$current_url", "is_set", "", IsOfEvent: true),
            new FilterRow("$event_count", "between", "1,7"),
            new FilterRow("status", "exact", "live"),
        ]),
        Breakdown = new BreakdownJson("$event_count", 5, 8),
        Compare = true,
    };

    [Fact]
    public void The_explorer_shows_the_query_as_the_API_takes_it() => Assert.Equal(
        """
        {
          "date_from": "-7d",
          "date_to": "2026-01-31",
          "interval": null,
          "series": [
            {
              "event": null,
              "math": "total"
            },
            {
              "event": "<sign \"up\">",
              "math": "avg",
              "property": "$session_duration"
            }
          ],
          "formula": "A / B",
          "filters": [
            {
              "key": "$browser",
              "type": "session",
              "operator": "in",
              "value": [
                "Firefox",
                "Safari"
              ]
            },
            {
              "key": "$current_url",
              "type": "event",
              "operator": "is_set"
            },
            {
              "key": "$event_count",
              "type": "session",
              "operator": "between",
              "value": [
                "1",
                "7"
              ]
            },
            {
              "key": "status",
              "type": "session",
              "operator": "exact",
              "value": "live"
            }
          ],
          "breakdown": {
            "property": "$event_count",
            "bins": 5,
            "limit": 8
          },
          "compare": true
        }
        """,
        Full.ToString());

    [Fact]
    public void The_shown_JSON_is_the_same_query_as_the_pages()
    {
        RequestErrors errors = new();
        using JsonDocument json = JsonDocument.Parse(Full.ToString());

        QueryRequest? fromApi = JsonBinding.Read(errors, "", json.RootElement, QueryJsonContext.Default.QueryJson)?.ToRequest(Check(errors));
        QueryRequest fromPage = Full.ToRequest(Check(errors));

        Assert.Empty(errors.Faults);
        Assert.Equivalent(fromApi, fromPage, strict: true);
    }

    [Fact]
    public void A_wrong_field_of_a_page_gives_the_same_error_as_in_the_API()
    {
        QueryJson wrong = Full with
        {
            DateFrom = "soon",
            Series = [new SeriesJson(null, "mean")],
            Breakdown = new BreakdownJson("$event_count", Bins: 0),
            Filters = FilterRows.ToJson([new FilterRow("$nothing", "exact", "x")]),
        };
        RequestErrors ofApi = new(), ofPage = new();
        using JsonDocument json = JsonDocument.Parse(wrong.ToString());

        JsonBinding.Read(ofApi, "", json.RootElement, QueryJsonContext.Default.QueryJson)?.ToRequest(Check(ofApi));
        wrong.ToRequest(Check(ofPage));

        Assert.Equal(
            ["filters[0].key", "series[0].math", "date_from", "compare", "formula", "breakdown.bins"],
            ofPage.Faults.Select(fault => fault.Field));
        Assert.Equal(ofApi.Faults, ofPage.Faults);
    }

    private static QueryCheck Check(RequestErrors errors) =>
        new(errors, LocalCalendar.Utc, new DateTimeOffset(2026, 2, 1, 12, 0, 0, TimeSpan.Zero), new ApiOptions(), new QueryOptions());
}

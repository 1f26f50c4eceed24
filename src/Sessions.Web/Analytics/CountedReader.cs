using Microsoft.Extensions.Options;
using Sessions.Client.Projects;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>Reads which sessions are behind a number, and checks it like a query.</summary>
internal sealed class CountedReader(
    ProjectCache<QuerySettings> settings, IOptions<ApiOptions> api, IOptions<QueryOptions> options, TimeProvider time)
{
    /// <summary>What is wrong with a text that is no token.</summary>
    public const string Expected = "must be the token of a number that this project's API has answered";

    /// <summary>The sessions; null when the text is no token of the project.</summary>
    public async Task<CountedSessions?> Read(string project, string token)
    {
        if (CountedToken.Read(project, token) is not (var counted, var from, var to))
        {
            return null;
        }

        try
        {
            QuerySettings its = await settings.Of(project);
            RequestErrors errors = new();
            QueryCheck check = new(errors, errors.Calendar(counted.TimeZone, its.Calendar), time.GetUtcNow(), api.Value, options.Value);
            IReadOnlyList<Filter> filters = check.Filters.All("filters", counted.Filters);
            Series series = QueryJson.SeriesOf(counted.Series, "series", filters, check) with { OrEvent = counted.OrEvent };
            CountedGroup? group = counted.Group is null ? null : GroupOf(counted.Group, series, check, its.PathRules);
            return errors.Problem is null ? new CountedSessions(project, series, from, to, group) : null;
        }
        catch (InvalidOperationException)
        {
            // A text has a lone surrogate.
            return null;
        }
    }

    private static CountedGroup? GroupOf(CountedGroupJson asked, Series series, QueryCheck check, IReadOnlyList<PathRule> rules)
    {
        if (check.BreakdownProperty(new BreakdownJson(asked.Property, PropertyType: asked.PropertyType), [series]) is not { } property)
        {
            return null;
        }

        CountedBin? bin = asked.Bin is { } its ? new CountedBin(its.Low, its.High, its.Count, its.Place) : null;
        List<object?> values = [];
        foreach (string? text in asked.Values ?? [])
        {
            object? value = null;
            if (text is not null && !PropertyText.TryParse(property.Type, text, out value))
            {
                check.Errors.Refuse("breakdown", "must have values of its property");
            }

            values.Add(value);
        }

        bool isOfOthers = asked.IsOfOthers is true;
        bool hasNumbers = property.IsKeyOfEvents || property.Type is PropertyType.Number or PropertyType.Seconds;
        bool isBin = asked.HasNoNumber is true || bin is not null;
        if (isBin ? !hasNumbers || bin is { Count: < 1 } || bin?.Low > bin?.High : !isOfOthers && values.Count != 1)
        {
            check.Errors.Refuse("breakdown", "must be a group");
        }

        return new CountedGroup(property)
        {
            Values = values,
            IsOfOthers = isOfOthers,
            Bin = bin,
            HasNoNumber = asked.HasNoNumber is true,
            Paths = asked.HasCleanPaths is true ? rules : [],
        };
    }
}

using Sessions.Database;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Queries.Engines;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>A page asks many numbers, and shows one of them over time.</summary>
public sealed class PointsTests(FileColumnsGateway gateway) : IClassFixture<FileColumnsGateway>
{
    private static readonly StatementLimits Limits = new(TimeSpan.FromSeconds(30), 4);

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 0, 3)]
    [InlineData(true, 4)]
    [InlineData(true)]
    [InlineData(true, 0, 1, 2, 3, 4)]
    [InlineData(false, 0)]
    [InlineData(false, 0, 3)]
    [InlineData(false, 4)]
    [InlineData(false)]
    public async Task Series_without_points_have_the_same_values_and_the_others_the_same_points(bool ofColumns, params int[] places)
    {
        RandomQueries random = new(7);
        using Asking asking = await Asking.About(gateway, [.. random.Sessions(120)]);
        Aggregation asked = Asked(asking.Project);

        AggregationResult all = await Answer(asked, ofColumns), some = await Answer(asked with { PointsOf = places }, ofColumns);

        Assert.Equal(all.Measured.Keys.Order(), some.Measured.Keys.Order());
        foreach (((int, int Series, int) key, Measured expected) in all.Measured)
        {
            Assert.Equal(expected.Value, some.Measured[key].Value);
            if (places.Contains(key.Series))
            {
                Assert.Equal(expected.Points, some.Measured[key].Points);
            }
        }

        Assert.Contains(all.Measured.Values, measured => measured.Points.Count(point => point > 0) > 1);
    }

    /// <summary>Five series over sessions, in weeks, with the period before.</summary>
    private static Aggregation Asked(string project)
    {
        DateTimeOffset[] weeks = [.. Enumerable.Range(0, 30).Select(week => Noon.AddDays((week - 15) * 7))];
        RequestedProperty duration = SessionProperties.Find("$session_duration")!;
        return new Aggregation(
            project,
            [new(weeks[15], weeks[^1].AddDays(7), weeks[15..]), new(weeks[0], weeks[15], weeks[..15])],
            [
                new(null, SeriesMath.UniqueUsers, null, []),
                new(null, SeriesMath.Total, null, []),
                new(null, SeriesMath.Sum, SessionProperties.Find("$pageview_count")!, []),
                new(null, SeriesMath.Avg, duration, []),
                new(null, SeriesMath.P90, duration, []),
            ],
            null);
    }

    private async Task<AggregationResult> Answer(Aggregation asked, bool ofColumns)
    {
        QueryDataSource source = gateway.Service<QueryDataSource>();
        AggregateQueries queries = new(source, new QueryEngines(source, ofColumns ? gateway.Service<ColumnsEngine>() : null));
        return (await queries.Get(asked, Limits, _ => true, TestContext.Current.CancellationToken))!;
    }
}

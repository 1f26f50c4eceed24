using Sessions.Queries.Aggregates;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>The addresses of the lists of sessions behind the numbers of a line.</summary>
/// <param name="project">The project.</param>
/// <param name="counted">What the line counts.</param>
/// <param name="period">Its range and buckets.</param>
internal sealed class CountedLine(string project, CountedJson counted, Period period)
{
    private const string List = "/api/sessions?counted=";

    private readonly Lazy<string?> _head = new(() => CountedToken.Head(counted));

    /// <summary>The sessions behind the value over the whole range; null when the address would be too long.</summary>
    public string? OfValue => Of(period.From, period.To);

    /// <summary>The line of a series of a query.</summary>
    /// <param name="project">The project.</param>
    /// <param name="request">The query.</param>
    /// <param name="series">The series' position in it.</param>
    /// <param name="groups">All groups of the answer.</param>
    /// <param name="group">The line's group.</param>
    /// <param name="period">The line's range and buckets.</param>
    public static CountedLine? Of(
        string project, QueryRequest request, int series, IReadOnlyList<Group> groups, Group group, Period period) =>
        request.Asked is { } asked
            ? new(project, new CountedJson(asked.Series[series], asked.Filters, request.Calendar.Zone.Id, GroupOf(request.Breakdown, groups, group)), period)
            : null;

    /// <summary>The sessions behind each of the first points; null when the addresses would be too long.</summary>
    public IReadOnlyList<string>? OfPoints(int count) => _head.Value is null ? null : [.. Enumerable.Range(0, count).Select(OfPoint)];

    private static CountedGroupJson? GroupOf(Breakdown? breakdown, IReadOnlyList<Group> groups, Group group)
    {
        if (breakdown is null)
        {
            return null;
        }

        CountedGroupJson its = new(breakdown.Property.Name, breakdown.Property.OfEvent is null ? null : "event");
        if (breakdown.Bins is not null)
        {
            Group[] bins = [.. groups.Where(bin => bin.Low is not null)];
            return group.Low is null
                ? its with { HasNoNumber = true }
                : its with { Bin = new CountedBinJson(bins[0].Low!.Value, bins[^1].High!.Value, bins.Length, group.Place) };
        }

        return group.Place == Group.Others
            ? its with { IsOfOthers = true, Values = [.. groups.Where(other => other.Place != Group.Others).Select(Text)] }
            : its with { Values = [Text(group)] };
    }

    private static string? Text(Group group) => group.Value is { } value ? PropertyText.Write(value) : null;

    private string OfPoint(int point)
    {
        // The first bucket may begin before the range.
        DateTimeOffset from = period.Starts[point] > period.From ? period.Starts[point] : period.From;
        return Of(from, point + 1 < period.Starts.Count ? period.Starts[point + 1] : period.To)!;
    }

    private string? Of(DateTimeOffset from, DateTimeOffset to) =>
        _head.Value is { } head ? List + CountedToken.Of(project, head, from, to) : null;
}

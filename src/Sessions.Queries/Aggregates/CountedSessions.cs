using Sessions.Queries.Engines;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// The sessions behind a number of a query: those that one series counts in a range of time and in one group. A math on a
/// property counts only sessions that have it.
/// </summary>
/// <param name="Project">The project.</param>
/// <param name="Series">The series.</param>
/// <param name="From">The start of the range.</param>
/// <param name="To">The end of the range, exclusive.</param>
/// <param name="Group">The group; null for all sessions of the series.</param>
public sealed record CountedSessions(string Project, Series Series, DateTimeOffset From, DateTimeOffset To, CountedGroup? Group)
{
    /// <summary>
    /// Returns the SQL condition on a session with the alias <c>s</c>, and adds its values to the parameters.
    /// </summary>
    internal string Condition(StatementParameters parameters)
    {
        BreakdownSql? sql = Group is null ? null : new BreakdownSql(Group.Property, parameters);
        List<string> ofGroup = [];
        if (Group is not null)
        {
            ofGroup.Add(Group.Condition(sql!, parameters));
        }

        if (Series is { Math: >= SeriesMath.Avg, Property: { } property })
        {
            ofGroup.Add($"{new PropertySql(property, parameters).Number} is not null");
        }

        // How persons are counted does not matter, so they need not be found.
        Series series = Series.Math == SeriesMath.UniqueUsers ? Series with { Math = SeriesMath.UniqueSessions } : Series;
        Period period = new(From, To, []);
        if (!series.IsOfSessions)
        {
            string rows = SeriesSql.Source(series, period, Project, sql?.NeedsSession is true, sql?.Join ?? "", parameters).Sql;
            string key = parameters.Dialect.SessionKey;
            return $"s.{key} in (select e.{key} from {string.Join(" and ", ofGroup.Prepend(rows))})";
        }

        // On the rows themselves, so that a page of them can be read in their order.
        List<string> conditions = SeriesSql.Conditions(series, [period], Project, parameters);
        if (ofGroup is not [])
        {
            string all = string.Join(" and ", ofGroup);
            conditions.Add(sql is { Join.Length: > 0 } ? $"exists (select 1 from (values (1)) one {sql.Join} where {all})" : all);
        }

        return string.Join(" and ", conditions);
    }
}

/// <summary>One group of a breakdown, as a condition.</summary>
/// <param name="Property">The property whose values are the groups.</param>
public sealed record CountedGroup(RequestedProperty Property)
{
    /// <summary>
    /// The group's value, null for a missing one. For the group of all others, the values of the other groups.
    /// </summary>
    public IReadOnlyList<object?> Values { get; init; } = [];

    /// <summary>Whether it is the group of all others.</summary>
    public bool IsOfOthers { get; init; }

    /// <summary>The bin; null when the groups are values, and for the group without a number.</summary>
    public CountedBin? Bin { get; init; }

    /// <summary>Whether it is the group without a number, beside bins.</summary>
    public bool HasNoNumber { get; init; }

    /// <summary>The rules that rewrite the values before they are compared.</summary>
    public IReadOnlyList<PathRule> Paths { get; init; } = [];

    internal string Condition(BreakdownSql sql, StatementParameters parameters)
    {
        if (HasNoNumber)
        {
            return $"{sql.Number} is null";
        }

        if (Bin is { } bin)
        {
            if (bin.Count <= 1)
            {
                return $"{sql.Number} is not null";
            }

            // A missing number is in no bin, but the expression may say the last one.
            return $"{sql.Number} is not null and {parameters.Dialect.Bin(sql.Number, bin.Low, bin.High, bin.Count, parameters)} = {parameters.AddNext(bin.Place)}";
        }

        string value = WebAnalytics.Cleaned(sql.Value, Paths, parameters);
        if (!IsOfOthers)
        {
            return Values[0] is { } only ? $"{value} = {parameters.AddNext(only)}" : $"{value} is null";
        }

        List<string> conditions = Values.Contains(null) ? [$"{value} is not null"] : [];
        if (Values.Any(one => one is not null))
        {
            // A missing value is one of the others unless it has a group of its own.
            conditions.Add($"({parameters.Dialect.IsAnyOf(value, [.. Values.Where(one => one is not null)!], parameters)}) is not true");
        }

        return conditions is [] ? "true" : string.Join(" and ", conditions);
    }
}

/// <summary>One of several bins of equal width.</summary>
/// <param name="Low">The lower end of the first one.</param>
/// <param name="High">The upper end of the last one.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Place">Which one it is, from 1 on.</param>
public sealed record CountedBin(decimal Low, decimal High, int Count, int Place);

using System.Globalization;
using Sessions.Database;
using Sessions.Database.Properties;
using Sessions.Queries.Engines;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// The groups of a breakdown, the same for all series: they are found before anything is measured, or by each statement that
/// measures, out of the same rows.
/// </summary>
internal sealed class Groups
{
    private static readonly string ValuesText = SqlFile.Read("breakdown_values.sql");
    private static readonly string RankedText = SqlFile.Read("aggregate_ranked.sql");
    private static readonly string BoundsText = SqlFile.Read("breakdown_bounds.sql");
    private static readonly string PlacesText = SqlFile.Read("breakdown_places.sql");

    private readonly Func<StatementParameters, GroupsSql> _sql;

    private Groups(IReadOnlyList<Group>? all, Func<StatementParameters, GroupsSql> sql) => (All, _sql) = (all, sql);

    /// <summary>The groups, without <see cref="Group.Others"/>; null when the rows of the statements have them.</summary>
    public IReadOnlyList<Group>? All { get; }

    /// <summary>The SQL of the groups in one statement.</summary>
    public GroupsSql Sql(StatementParameters parameters) => _sql(parameters);

    /// <summary>
    /// The groups that each statement finds for itself, so that nothing need be asked before; null when they can't be found so.
    /// </summary>
    public static Groups? OfStatement(Aggregation asked) =>
        asked.Breakdown is { Bins: null } breakdown && breakdown.Property.Type != PropertyType.List && !asked.Series.Any(series => series.IsOfSessionsWithEvent)
            ? new Groups(null, parameters =>
            {
                BreakdownSql sql = new(breakdown.Property, parameters);
                string top = PlacesText.Replace("{weights}", Weights(asked, sql, parameters), StringComparison.Ordinal)
                    .Replace("{limit}", parameters.AddNext(breakdown.Limit), StringComparison.Ordinal);
                return new GroupsSql($"coalesce(top.its_place, {Group.Others})", $"{sql.Join} left join top on top.value is not distinct from {sql.Value}")
                {
                    With = $"with top as materialized ({top})\n",
                    Value = "any_value(top.value) as value,\n       ",
                };
            })
            : null;

    /// <summary>
    /// The statement that finds the groups and counts their rows at once; null when the query asks for more than that.
    /// </summary>
    public static Statement? Counts(Aggregation asked, Dialect dialect)
    {
        if (asked is not { Breakdown: { } breakdown, Series: [{ Math: SeriesMath.Total }], Periods: [{ Starts.Count: 1 }] })
        {
            return null;
        }

        StatementParameters parameters = new(dialect);
        BreakdownSql sql = new(breakdown.Property, parameters);
        return parameters.With(RankedText.Replace("{weights}", Weights(asked, sql, parameters), StringComparison.Ordinal)
            .Replace("{limit}", parameters.AddNext(breakdown.Limit), StringComparison.Ordinal));
    }

    /// <summary>The groups in the rows of statements.</summary>
    /// <param name="asked">The query.</param>
    /// <param name="rows">The number and the value of each group, any number of times.</param>
    public static IReadOnlyList<Group> InRows(Aggregation asked, IEnumerable<(int Place, object? Value)> rows)
    {
        PropertyType type = BreakdownSql.TypeOf(asked.Breakdown!.Property);
        return
        [
            .. rows.Where(row => row.Place != Group.Others).DistinctBy(row => row.Place).OrderBy(row => row.Place)
                .Select(row => new Group(row.Place, SessionRow.ValueOf(row.Value, type))),
        ];
    }

    /// <summary>The statement that finds the groups; null without a breakdown.</summary>
    public static Statement? Question(Aggregation asked, Dialect dialect)
    {
        if (asked.Breakdown is not { } breakdown)
        {
            return null;
        }

        StatementParameters parameters = new(dialect);
        BreakdownSql sql = new(breakdown.Property, parameters);
        return parameters.With(breakdown.Bins is null
            ? ValuesText.Replace("{limit}", parameters.AddNext(breakdown.Limit), StringComparison.Ordinal)
                .Replace("{weights}", Weights(asked, sql, parameters), StringComparison.Ordinal)
            : BoundsText.Replace(
                "{bounds}",
                Union(asked, asked.Periods, sql, parameters, (_, _) => $"min({sql.Number}) as low, max({sql.Number}) as high", ""),
                StringComparison.Ordinal));
    }

    /// <summary>The groups that the statement has found.</summary>
    public static Groups Of(Aggregation asked, IReadOnlyList<object?[]> rows) => asked.Breakdown switch
    {
        null => new Groups([], _ => new GroupsSql($"{Group.Others}", "")),
        { Bins: { } bins } breakdown => Bins(breakdown.Property, bins, rows[0]),
        { } breakdown => Values(breakdown.Property, rows),
    };

    private static Groups Values(RequestedProperty property, IReadOnlyList<object?[]> rows)
    {
        PropertyType type = BreakdownSql.TypeOf(property);
        List<object?> values = [.. rows.Select(row => SessionRow.ValueOf(row[0], type))];
        return new Groups(
            [.. values.Select((value, index) => new Group(index + 1, value))],
            parameters =>
            {
                (string place, string join) = new BreakdownSql(property, parameters).Places(values);
                return new GroupsSql(place, join);
            });
    }

    private static Groups Bins(RequestedProperty property, int bins, object?[] bounds)
    {
        (decimal? low, decimal? high) = (Number(bounds[0]), Number(bounds[1]));

        // A range with a single value can't be divided into bins.
        Group[] groups = (low, high) switch
        {
            ({ } only, { } same) when only == same => [new Group(1, Low: only, High: only)],
            ({ } from, { } to) => [.. Enumerable.Range(1, bins).Select(bin => new Group(
                bin, Low: Edge(from, to, bin - 1, bins), High: Edge(from, to, bin, bins)))],
            _ => [],
        };
        int absent = groups.Length + 1;
        return new Groups([.. groups, new Group(absent)], parameters =>
        {
            string number = new PropertySql(property, parameters).Number;
            string bin = groups.Length switch
            {
                0 => $"{absent}",
                1 => "1",
                _ => parameters.Dialect.Bin(number, low!.Value, high!.Value, groups.Length, parameters),
            };
            return new GroupsSql($"case when {number} is null then {absent} else {bin} end", "");
        });
    }

    private static decimal? Number(object? value) => value is null ? null : Convert.ToDecimal(value, CultureInfo.InvariantCulture);

    private static decimal Edge(decimal low, decimal high, int bin, int bins) => low + ((high - low) * bin / bins);

    private static string Weights(Aggregation asked, BreakdownSql sql, StatementParameters parameters) => Union(
        asked.Breakdown!.IsRankedByFirst ? asked with { Series = [asked.Series[0]] } : asked, asked.Periods.Take(1), sql, parameters,
        (all, person) => $"{sql.Value} as value, {string.Join(" + ", all.Select(one => SeriesSql.Weight(one, person, parameters.Dialect)))} as weight",
        " group by 1");

    /// <summary>Makes a select over the rows of all series.</summary>
    private static string Union(
        Aggregation asked,
        IEnumerable<Period> periods,
        BreakdownSql sql,
        StatementParameters parameters,
        Func<Series[], string, string> columns,
        string grouped)
    {
        List<string> parts = [];
        foreach (Period period in periods)
        {
            foreach (Series[] all in SeriesSql.OfSameRows(asked.Series).Select(places => places.Select(place => asked.Series[place]).ToArray()))
            {
                (string source, string person) = SeriesSql.Source(
                    SeriesSql.WithMostOfSource(all), period, asked.Project, sql.NeedsSession, sql.Join, parameters);
                parts.Add($"select {columns(all, person)} from {source}{grouped}");
            }
        }

        return string.Join(" union all ", parts);
    }
}

/// <summary>The SQL of groups in a statement.</summary>
/// <param name="Place">The expression of a row's group number.</param>
/// <param name="Join">The join that it needs.</param>
internal sealed record GroupsSql(string Place, string Join)
{
    /// <summary>The text before the statement.</summary>
    public string With { get; init; } = "";

    /// <summary>The column with the group's value, and what separates it from the next one; empty when rows don't have it.</summary>
    public string Value { get; init; } = "";
}

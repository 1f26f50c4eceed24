using System.Globalization;
using Sessions.Database;
using Sessions.Database.Properties;
using Sessions.Queries.Engines;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// The groups of a breakdown. They are found before anything is measured, so that all series have the same groups.
/// </summary>
internal sealed class Groups
{
    private static readonly string ValuesText = SqlFile.Read("breakdown_values.sql");
    private static readonly string BoundsText = SqlFile.Read("breakdown_bounds.sql");

    private readonly Func<StatementParameters, (string Place, string Join)> _sql;

    private Groups(IReadOnlyList<Group> all, Func<StatementParameters, (string Place, string Join)> sql) => (All, _sql) = (all, sql);

    /// <summary>The groups, without <see cref="Group.Others"/>.</summary>
    public IReadOnlyList<Group> All { get; }

    /// <summary>The SQL expression of a row's group number in a statement, and the join that it needs.</summary>
    public (string Place, string Join) Sql(StatementParameters parameters) => _sql(parameters);

    /// <summary>The statement that finds the groups; null without a breakdown.</summary>
    public static Statement? Question(Aggregation asked, Dialect dialect)
    {
        if (asked.Breakdown is not { } breakdown)
        {
            return null;
        }

        StatementParameters parameters = new(dialect);
        BreakdownSql sql = new(breakdown.Property, parameters);
        return breakdown.Bins is null
            ? Union(
                asked, asked.Periods.Take(1),
                ValuesText.Replace("{limit}", parameters.AddNext(breakdown.Limit), StringComparison.Ordinal),
                "{weights}", sql, parameters, (series, person) => $"{sql.Value} as value, {SeriesSql.Weight(series, person)} as weight", " group by 1")
            : Union(
                asked, asked.Periods, BoundsText, "{bounds}", sql, parameters,
                (_, _) => $"min({sql.Number}) as low, max({sql.Number}) as high", "");
    }

    /// <summary>The groups that the statement has found.</summary>
    public static Groups Of(Aggregation asked, IReadOnlyList<object?[]> rows) => asked.Breakdown switch
    {
        null => new Groups([], _ => ($"{Group.Others}", "")),
        { Bins: { } bins } breakdown => Bins(breakdown.Property, bins, rows[0]),
        { } breakdown => Values(breakdown.Property, rows),
    };

    private static Groups Values(AskedProperty property, IReadOnlyList<object?[]> rows)
    {
        PropertyType type = BreakdownSql.TypeOf(property);
        List<object?> values = [.. rows.Select(row => SessionRow.ValueOf(row[0], type))];
        return new Groups(
            [.. values.Select((value, index) => new Group(index + 1, value))],
            parameters => new BreakdownSql(property, parameters).Places(values));
    }

    private static Groups Bins(AskedProperty property, int bins, object?[] bounds)
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
            return ($"case when {number} is null then {absent} else {bin} end", "");
        });
    }

    private static decimal? Number(object? value) => value is null ? null : Convert.ToDecimal(value, CultureInfo.InvariantCulture);

    private static decimal Edge(decimal low, decimal high, int bin, int bins) => low + ((high - low) * bin / bins);

    /// <summary>Makes a statement over the rows of all series.</summary>
    private static Statement Union(
        Aggregation asked,
        IEnumerable<Period> periods,
        string text,
        string placeholder,
        BreakdownSql sql,
        StatementParameters parameters,
        Func<Series, string, string> columns,
        string grouped)
    {
        List<string> parts = [];
        foreach ((Series series, Period period) in periods.SelectMany(period => asked.Series, (period, series) => (series, period)))
        {
            (string source, string person) = SeriesSql.Source(series, period, asked.Project, sql.NeedsSession, sql.Join, parameters);
            parts.Add($"select {columns(series, person)} from {source}{grouped}");
        }

        return parameters.With(text.Replace(placeholder, string.Join(" union all ", parts), StringComparison.Ordinal));
    }
}

using Npgsql;
using Sessions.Database;
using Sessions.Database.Properties;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// The groups of a breakdown. They are found before anything is measured, so that all series have the same groups.
/// </summary>
internal sealed class Groups
{
    private static readonly string ValuesText = SqlFile.Read("breakdown_values.sql");
    private static readonly string BoundsText = SqlFile.Read("breakdown_bounds.sql");

    private readonly Action<NpgsqlParameterCollection> _addParameters;

    private Groups(IReadOnlyList<Group> all, string place, string join, Action<NpgsqlParameterCollection> addParameters) =>
        (All, Place, Join, _addParameters) = (all, place, join, addParameters);

    /// <summary>The groups, without <see cref="Group.Others"/>.</summary>
    public IReadOnlyList<Group> All { get; }

    /// <summary>The SQL expression of a row's group number.</summary>
    public string Place { get; }

    /// <summary>The SQL join that the expression needs.</summary>
    public string Join { get; }

    /// <summary>Adds the parameters of the expression and the join.</summary>
    public void AddParameters(NpgsqlParameterCollection parameters) => _addParameters(parameters);

    public static Task<Groups> Find(NpgsqlConnection connection, Aggregation asked, CancellationToken cancellation) =>
        asked.Breakdown switch
        {
            null => Task.FromResult(new Groups([], $"{Group.Others}", "", _ => { })),
            { Bins: { } bins } breakdown => Bins(connection, asked, breakdown.Property, bins, cancellation),
            { } breakdown => Values(connection, asked, breakdown, cancellation),
        };

    private static async Task<Groups> Values(
        NpgsqlConnection connection, Aggregation asked, Breakdown breakdown, CancellationToken cancellation)
    {
        BreakdownSql sql = BreakdownSql.Of(breakdown.Property);
        List<object?> values = [];
        await using (NpgsqlCommand command = Union(
            connection, asked, asked.Periods.Take(1), ValuesText, "{weights}", sql,
            series => $"{sql.Value} as value, {SeriesSql.Weight(series)} as weight", " group by 1"))
        {
            command.Parameters.AddWithValue("@limit", breakdown.Limit);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                values.Add(SessionRow.ReadValue(reader, 0, sql.Type));
            }
        }

        return new Groups(
            [.. values.Select((value, index) => new Group(index + 1, value))],
            sql.Place(values),
            sql.PlaceJoin(values),
            parameters =>
            {
                sql.AddKey(parameters);
                BreakdownSql.AddTop(parameters, values);
            });
    }

    private static async Task<Groups> Bins(
        NpgsqlConnection connection, Aggregation asked, AskedProperty property, int bins, CancellationToken cancellation)
    {
        BreakdownSql sql = BreakdownSql.Of(property);
        string number = sql.Number;
        decimal? low = null;
        decimal? high = null;
        await using (NpgsqlCommand command = Union(
            connection, asked, asked.Periods, BoundsText, "{bounds}", sql, _ => $"min({number}) as low, max({number}) as high", ""))
        {
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
            if (await reader.ReadAsync(cancellation) && !reader.IsDBNull(0))
            {
                (low, high) = (reader.GetDecimal(0), reader.GetDecimal(1));
            }
        }

        // A range with a single value can't be divided into bins.
        Group[] groups = (low, high) switch
        {
            ({ } only, { } same) when only == same => [new Group(1, Low: only, High: only)],
            ({ } from, { } to) => [.. Enumerable.Range(1, bins).Select(bin => new Group(
                bin, Low: Edge(from, to, bin - 1, bins), High: Edge(from, to, bin, bins)))],
            _ => [],
        };
        int absent = groups.Length + 1;
        string bin = groups.Length switch
        {
            0 => $"{absent}",
            1 => "1",
            _ => BreakdownSql.Bin(number),
        };
        return new Groups(
            [.. groups, new Group(absent)],
            $"case when {number} is null then {absent} else {bin} end",
            "",
            parameters =>
            {
                sql.AddKey(parameters);
                if (groups.Length > 1)
                {
                    BreakdownSql.AddBins(parameters, low!.Value, high!.Value, groups.Length);
                }
            });
    }

    private static decimal Edge(decimal low, decimal high, int bin, int bins) => low + ((high - low) * bin / bins);

    /// <summary>Makes a statement over the rows of all series.</summary>
    private static NpgsqlCommand Union(
        NpgsqlConnection connection,
        Aggregation asked,
        IEnumerable<Period> periods,
        string text,
        string placeholder,
        BreakdownSql sql,
        Func<Series, string> columns,
        string grouped)
    {
        NpgsqlCommand command = connection.CreateCommand();
        List<string> parts = [];
        foreach ((Series series, Period period) in periods.SelectMany(period => asked.Series, (period, series) => (series, period)))
        {
            string source = SeriesSql.Source(series, period, asked.Project, sql.NeedsSession, sql.Join, command.Parameters);
            parts.Add($"select {columns(series)} from {source}{grouped}");
        }

        sql.AddKey(command.Parameters);
        command.CommandText = text.Replace(placeholder, string.Join(" union all ", parts), StringComparison.Ordinal);
        return command;
    }
}

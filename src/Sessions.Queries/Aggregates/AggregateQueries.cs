using Npgsql;
using Sessions.Database;
using Sessions.Domain.Querying;
using Sessions.Queries.Engines;

namespace Sessions.Queries.Aggregates;

/// <summary>Aggregates sessions and events. All statements of one query see the same snapshot.</summary>
public sealed class AggregateQueries(QueryDataSource database, QueryEngines engines)
{
    // How often an engine without a lasting snapshot is asked again.
    private const int MostAttempts = 3;

    private static readonly string FirstText = SqlFile.Read("first_session.sql");

    /// <summary>
    /// Reads when the project's data begins: the start of its earliest session, without sessions whose times come from
    /// a clock that was never set (such as 1970). Null when there is no session.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<DateTimeOffset?> GetFirst(string project, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.Source.CreateCommand(FirstText);
        command.Parameters.AddWithValue("@project", project);
        command.Parameters.AddWithValue("@set_from", UnsetClock.SetSpans.Select(span => span.From).ToArray());
        command.Parameters.AddWithValue("@set_to", UnsetClock.SetSpans.Select(span => span.To).ToArray());
        command.Parameters.AddWithValue("@unset_from", UnsetClock.UnsetSpans.Select(span => span.From).ToArray());
        command.Parameters.AddWithValue("@unset_to", UnsetClock.UnsetSpans.Select(span => span.To).ToArray());
        return await command.ExecuteScalarAsync(cancellation) is DateTime first ? new DateTimeOffset(first, TimeSpan.Zero) : null;
    }

    /// <summary>Answers a query.</summary>
    /// <inheritdoc cref="Get(IReadOnlyList{Aggregation}, StatementLimits, Func{Aggregation, int, bool}, CancellationToken)"/>
    public async Task<AggregationResult?> Get(
        Aggregation asked, StatementLimits limits, Func<int, bool> fits, CancellationToken cancellation) =>
        (await Get([asked], limits, (_, groups) => fits(groups), cancellation))[0];

    /// <summary>Answers queries about one project, all from the same snapshot.</summary>
    /// <param name="asked">The queries.</param>
    /// <param name="limits">The limits of each statement.</param>
    /// <param name="fits">
    /// Called with the query and its number of groups, before anything is measured. If it returns false, the query is
    /// abandoned.
    /// </param>
    /// <param name="cancellation">Ends the work, in Postgres too.</param>
    /// <returns>An answer for each query; null for an abandoned one.</returns>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public async Task<IReadOnlyList<AggregationResult?>> Get(
        IReadOnlyList<Aggregation> asked, StatementLimits limits, Func<Aggregation, int, bool> fits, CancellationToken cancellation) =>
        await engines.Ask(asked[0].Project, limits, reader => Ask(reader, asked, fits, cancellation), cancellation);

    private static async Task<AggregationResult?[]> Ask(
        StatementReader reader, IReadOnlyList<Aggregation> asked, Func<Aggregation, int, bool> fits, CancellationToken cancellation)
    {
        // One call of an engine without a lasting snapshot answers what has few groups at most.
        Groups?[] ofStatements = [.. asked.Select(one => reader.KeepsSnapshot ? null : Groups.OfStatement(one))];
        for (int place = 0; place < asked.Count; place++)
        {
            if (ofStatements[place] is not null && !fits(asked[place], asked[place].Breakdown!.Limit + 1))
            {
                ofStatements[place] = null;
            }
        }

        Statement?[] questions = [.. asked.Zip(ofStatements, (one, its) => its is null ? Groups.Question(one, reader.Dialect) : null)];
        Statement[] ofGroups = [.. questions.OfType<Statement>()];
        IReadOnlyList<IReadOnlyList<object?[]>> found = ofGroups is [] ? [] : await reader.Read(ofGroups, cancellation);
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            SeriesQuery?[] measures = new SeriesQuery?[asked.Count];
            for (int place = 0; place < asked.Count; place++)
            {
                Groups groups = ofStatements[place] ?? Groups.Of(asked[place], questions[place] is { } its ? found[Array.IndexOf(ofGroups, its)] : []);
                measures[place] = groups.All is null || fits(asked[place], groups.All.Count + 1)
                    ? new SeriesQuery(asked[place], groups, reader.Dialect)
                    : null;
            }

            Statement[] ofSeries = [.. measures.SelectMany(one => one?.Statements ?? [])];
            IReadOnlyList<IReadOnlyList<object?[]>> answers = await reader.Read(
                reader.KeepsSnapshot ? ofSeries : [.. ofGroups, .. ofSeries], cancellation);
            int next = 0;
            if (!reader.KeepsSnapshot)
            {
                next = ofGroups.Length;
                if (!answers.Take(next).Zip(found).All(pair => AreSame(pair.First, pair.Second)))
                {
                    // Something came in between, and the groups are others now.
                    found = [.. answers.Take(next)];
                    continue;
                }
            }

            return
            [
                .. measures.Select(one =>
                {
                    int first = next;
                    next += one?.Statements.Count ?? 0;
                    return one?.Answer([.. answers.Skip(first).Take(next - first)]);
                }),
            ];
        }

        throw new OnlyPostgresException("groups that change all the time");
    }

    private static bool AreSame(IReadOnlyList<object?[]> ones, IReadOnlyList<object?[]> others) =>
        ones.Count == others.Count && ones.Zip(others).All(pair => pair.First.SequenceEqual(pair.Second));

    /// <summary>
    /// The values of buckets in which nothing happened: 0 for counts and sums, null for the other kinds of math.
    /// </summary>
    public static double?[] Empty(Series series, int buckets)
    {
        double?[] points = new double?[buckets];
        Array.Fill(points, OfNothing(series));
        return points;
    }

    /// <summary>The value of a math without any rows.</summary>
    public static double? OfNothing(Series series) => series.Math is <= SeriesMath.UniqueUsers or SeriesMath.Sum ? 0 : null;
}

using Npgsql;

namespace Sessions.Queries.Engines;

/// <summary>Reads the answers to statements from one engine.</summary>
internal abstract class StatementReader
{
    /// <summary>The SQL of the engine.</summary>
    public abstract Dialect Dialect { get; }

    /// <summary>
    /// Whether all calls of <see cref="Read"/> see the same snapshot. If not, only the statements of one call do.
    /// </summary>
    public abstract bool KeepsSnapshot { get; }

    /// <summary>
    /// Reads the rows of each statement. A value is a text, long, double, decimal, bool, <see cref="Guid"/>,
    /// <see cref="DateTimeOffset"/>, a list of texts or null.
    /// </summary>
    /// <exception cref="OnlyPostgresException">The engine can't answer; Postgres can.</exception>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or refused a statement.</exception>
    public abstract Task<IReadOnlyList<IReadOnlyList<object?[]>>> Read(IReadOnlyList<Statement> statements, CancellationToken cancellation);

    /// <summary>Reads the rows of one statement.</summary>
    /// <inheritdoc cref="Read"/>
    public async Task<IReadOnlyList<object?[]>> Rows(Statement statement, CancellationToken cancellation) =>
        (await Read([statement], cancellation))[0];
}

/// <summary>Reads from Postgres, in the connection's transaction.</summary>
internal sealed class PostgresReader(NpgsqlConnection connection) : StatementReader
{
    public override Dialect Dialect => Dialect.Postgres;

    public override bool KeepsSnapshot => true;

    public override async Task<IReadOnlyList<IReadOnlyList<object?[]>>> Read(
        IReadOnlyList<Statement> statements, CancellationToken cancellation)
    {
        List<IReadOnlyList<object?[]>> answers = [];
        foreach (Statement statement in statements)
        {
            List<object?[]> rows = [];
            await using NpgsqlCommand command = statement.OnPostgres(connection);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                object?[] row = new object?[reader.FieldCount];
                for (int column = 0; column < row.Length; column++)
                {
                    row[column] = reader.IsDBNull(column) ? null : Value(reader.GetValue(column));
                }

                rows.Add(row);
            }

            answers.Add(rows);
        }

        return answers;
    }

    private static object Value(object value) => value switch
    {
        int number => (long)number,
        DateTime time => new DateTimeOffset(time, TimeSpan.Zero),
        _ => value,
    };
}

/// <summary>Reads from the columns of one project.</summary>
internal sealed class ColumnsReader(ColumnsEngine columns, string project, StatementLimits limits) : StatementReader
{
    public override Dialect Dialect => Dialect.Columns;

    public override bool KeepsSnapshot => false;

    public override async Task<IReadOnlyList<IReadOnlyList<object?[]>>> Read(
        IReadOnlyList<Statement> statements, CancellationToken cancellation) =>
        await columns.Read(project, statements, limits, cancellation) ?? throw new OnlyPostgresException("while there are no columns");
}

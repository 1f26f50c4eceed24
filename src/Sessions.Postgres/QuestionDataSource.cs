using Npgsql;

namespace Sessions.Postgres;

/// <summary>
/// The connections of people's questions. Their statements are never prepared on their own, as others are: where Postgres
/// refuses a value while a statement is being prepared (a regular expression, say), Npgsql takes the statement for
/// prepared all the same and the next one who uses it gets no answer.
/// </summary>
/// <param name="Source">Where they come from.</param>
public sealed record QuestionDataSource(NpgsqlDataSource Source) : IAsyncDisposable
{
    internal static QuestionDataSource Create(string connectionString) =>
        new(NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 0,
            // Answers are long.
            ReadBufferSize = 64 * 1024,
            Timeout = 5,
            ApplicationName = "sessions-questions",
        }));

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}

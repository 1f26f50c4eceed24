using Npgsql;
using Sessions.Database.Connections;

namespace Sessions.Host.Database;

/// <summary>
/// Runs the steps of a start that need Postgres. The server may be starting at the same time, and on a busy machine it
/// answers late, so a step that fails for such a reason is retried for a while.
/// </summary>
/// <param name="patience">How long a step is retried.</param>
/// <param name="time">The clock.</param>
internal sealed class PatientStart(TimeSpan patience, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs a step that can be repeated.</summary>
    /// <exception cref="InvalidOperationException">
    /// The server could not be reached in time; the message names it.
    /// </exception>
    public async Task<T> Do<T>(string connectionString, Func<Task<T>> step, CancellationToken cancel)
    {
        long begun = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await step();
            }
            catch (Exception away) when (IsPassing(away))
            {
                if (time.GetElapsedTime(begun) >= patience)
                {
                    string hosts = PostgresAddress.HostsOf(new NpgsqlConnectionStringBuilder(connectionString));
                    throw new InvalidOperationException(
                        $"Postgres at {hosts} could not be reached within {patience.TotalSeconds:0.#} s", away);
                }
            }

            await Task.Delay(Pause, time, cancel);
        }
    }

    /// <inheritdoc cref="Do{T}(string, Func{Task{T}}, CancellationToken)"/>
    public Task Do(string connectionString, Func<Task> step, CancellationToken cancel) => Do(
        connectionString,
        async () =>
        {
            await step();
            return true;
        },
        cancel);

    // A wrong password or a missing database does not pass by itself.
    private static bool IsPassing(Exception failure) => failure switch
    {
        TimeoutException => true,
        // Of several hosts none can be used: none answers, or none is the primary yet.
        NpgsqlException { InnerException: AggregateException hosts } => hosts.InnerExceptions.Any(IsPassing),
        PostgresException refused => refused.IsTransient,
        NpgsqlException { InnerException: null } => true,
        NpgsqlException other => other.IsTransient,
        _ => false,
    };
}

using Npgsql;

namespace Sessions.Host.Database;

/// <summary>
/// What a process does with Postgres at its start. The server may be starting too, and on a busy machine it answers late:
/// what fails for such a reason is done again for a while.
/// </summary>
/// <param name="patience">For how long.</param>
/// <param name="time">The clock.</param>
internal sealed class PatientStart(TimeSpan patience, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Does a step that may be done again.</summary>
    /// <exception cref="InvalidOperationException">The server could not be reached within the patience; the message says which.</exception>
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
                    NpgsqlConnectionStringBuilder way = new(connectionString);
                    throw new InvalidOperationException(
                        $"Postgres at {way.Host}:{way.Port} could not be reached within {patience.TotalSeconds:0.#} s", away);
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

    // A wrong password or a database that is not there stays so.
    private static bool IsPassing(Exception failure) => failure is TimeoutException or NpgsqlException { IsTransient: true };
}

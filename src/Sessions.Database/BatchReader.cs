using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Sessions.Database;

/// <summary>
/// Combines the reads of many grains into one statement. A statement for each activation would limit a busy silo.
/// </summary>
internal sealed partial class BatchReader<TKey, TAnswer> : IAsyncDisposable
    where TKey : notnull
{
    // Each call for the same damaged row fails, and would be logged.
    private const int MaxLogged = 20;

    private readonly Channel<Question> _questions;
    private readonly Func<IReadOnlyList<TKey>, Task<IReadOnlyDictionary<TKey, TAnswer>>> _read;
    private readonly ILogger _log;
    private readonly int _maxBatch;
    private readonly Task[] _loops;
    private int _logged;

    /// <param name="read">Reads the answers for distinct keys. It may leave out keys.</param>
    /// <param name="readers">The most statements that run at the same time.</param>
    /// <param name="maxBatch">The most keys in one statement.</param>
    /// <param name="maxWaiting">The most queued reads. Beyond it, <see cref="Ask"/> fails as unavailable.</param>
    /// <param name="log">Gets a line for failures.</param>
    public BatchReader(
        Func<IReadOnlyList<TKey>, Task<IReadOnlyDictionary<TKey, TAnswer>>> read,
        int readers,
        int maxBatch,
        int maxWaiting,
        ILogger log)
    {
        _read = read;
        _log = log;
        _maxBatch = maxBatch;
        _questions = Channel.CreateBounded<Question>(maxWaiting);
        _loops = Enumerable.Range(0, readers).Select(_ => Task.Run(Loop)).ToArray();
    }

    /// <summary>Reads the answer for a key; the default value when there is none.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away, or too many reads are queued.</exception>
    public Task<TAnswer?> Ask(TKey key)
    {
        var question = new Question(key);
        return _questions.Writer.TryWrite(question)
            ? question.Answer.Task
            : throw new SessionsUnavailableException("Too many sessions and devices are waiting to be read.");
    }

    public async ValueTask DisposeAsync()
    {
        _questions.Writer.TryComplete();
        await Task.WhenAll(_loops);
    }

    private async Task Loop()
    {
        while (await _questions.Reader.WaitToReadAsync())
        {
            var batch = new Dictionary<TKey, Question>();
            Question? twin = null;
            while (batch.Count < _maxBatch && twin is null && _questions.Reader.TryRead(out Question? question))
            {
                // Two reads with the same key need two statements, because each must raise the device's epoch.
                twin = batch.TryAdd(question.Key, question) ? null : question;
            }

            await Answer(batch);
            if (twin is not null)
            {
                await Answer(new() { [twin.Key] = twin });
            }
        }
    }

    private async Task Answer(Dictionary<TKey, Question> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            IReadOnlyDictionary<TKey, TAnswer> answers = await _read([.. batch.Keys]);
            foreach ((TKey key, Question question) in batch)
            {
                question.Answer.TrySetResult(answers.GetValueOrDefault(key));
            }
        }
        catch (Exception failure) when (batch.Count > 1 && Failures.MayBeOfOneRow(failure))
        {
            // The others must not wait for the one that can't be read.
            await Answer(batch.Take(batch.Count / 2).ToDictionary());
            await Answer(batch.Skip(batch.Count / 2).ToDictionary());
        }
        catch (Exception failure)
        {
            if (Failures.MayBeOfOneRow(failure) && Interlocked.Increment(ref _logged) <= MaxLogged)
            {
                LogFailed(failure, batch.Count);
            }

            foreach (Question question in batch.Values)
            {
                question.Answer.TrySetException(new SessionsUnavailableException("Postgres can't be read now.", failure));
            }
        }
    }

    [LoggerMessage(7020, LogLevel.Error, "{Count} sessions or devices could not be read because of a fault of the program, or because their data in Postgres "
        + "are damaged. Their callers get an error and may try again; all others are read. Check Postgres' log for damage, and report the fault if there "
        + "is none.")]
    private partial void LogFailed(Exception failure, int count);

    private sealed record Question(TKey Key)
    {
        public TaskCompletionSource<TAnswer?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

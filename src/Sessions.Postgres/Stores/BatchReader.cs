using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sessions.Postgres;

/// <summary>
/// Questions that many grains ask at once, answered by one statement for all that wait: a statement for each
/// activation would be what limits a busy silo.
/// </summary>
internal sealed class BatchReader<TKey, TAnswer> : IAsyncDisposable
    where TKey : notnull
{
    private readonly Channel<Question> _questions;
    private readonly Func<IReadOnlyList<TKey>, Task<IReadOnlyDictionary<TKey, TAnswer>>> _read;
    private readonly ILogger _log;
    private readonly int _maxBatch;
    private readonly Task[] _loops;

    /// <param name="read">Answers distinct keys; a key may stay without an answer.</param>
    /// <param name="readers">How many statements may be under way.</param>
    /// <param name="maxBatch">The most keys in one statement.</param>
    /// <param name="maxWaiting">The most questions that may wait; beyond it the store is unavailable.</param>
    /// <param name="log">Hears of failures.</param>
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

    /// <summary>The answer; the default when there is none.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away, or too many wait.</exception>
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
                // Two questions for one key are two questions: each raises a device's epoch.
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
        catch (Exception failure)
        {
            if (failure is not (NpgsqlException or TimeoutException or IOException))
            {
                _log.LogError(failure, "Reading {Count} keys failed", batch.Count);
            }

            foreach (Question question in batch.Values)
            {
                question.Answer.TrySetException(new SessionsUnavailableException("Postgres can't be read now.", failure));
            }
        }
    }

    private sealed record Question(TKey Key)
    {
        public TaskCompletionSource<TAnswer?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

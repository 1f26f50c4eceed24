using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sessions.Tests.Silo;

/// <summary>What a silo warned of last: said with a condition that did not come to hold.</summary>
internal sealed class RecentWarnings : ILoggerProvider, ILogger
{
    private const int Most = 20;

    private readonly ConcurrentQueue<string> _last = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _last.Enqueue($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {formatter(state, exception)} {exception}");
            while (_last.Count > Most && _last.TryDequeue(out _))
            {
            }
        }
    }

    public void Dispose()
    {
    }

    public override string ToString() => string.Join('\n', _last);
}

namespace Sessions.Silo.Near;

/// <summary>
/// Keeps an activation to one call at a time when some of its calls are no messages. Orleans sees to it among messages.
/// Used on the activation's scheduler only.
/// </summary>
internal sealed class Turns
{
    private bool _ofMessage;
    private bool _ofNearCall;
    private int _waiting;
    private TaskCompletionSource? _ended;

    /// <summary>Begins the turn of a message, when the turn of a near call has ended.</summary>
    public async ValueTask Begin()
    {
        while (_ofNearCall)
        {
            _ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting++;
            await _ended.Task;
            _waiting--;
        }

        _ofMessage = true;
    }

    /// <summary>Ends the turn of a message.</summary>
    public void End() => _ofMessage = false;

    /// <summary>Begins the turn of a near call; false when another turn has not ended, or a message waits for its turn.</summary>
    public bool TryBeginNear() => !_ofMessage && !_ofNearCall && _waiting == 0 && (_ofNearCall = true);

    /// <summary>Ends the turn of a near call.</summary>
    public void EndNear()
    {
        _ofNearCall = false;
        _ended?.TrySetResult();
        _ended = null;
    }
}

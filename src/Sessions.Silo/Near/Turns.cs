namespace Sessions.Silo.Near;

/// <summary>
/// Keeps an activation to one call at a time when some of its calls are no messages. Orleans sees to it among messages.
/// Used on the activation's scheduler only.
/// </summary>
internal sealed class Turns
{
    private bool _ofMessage;
    private bool _ofNearCall;
    private TaskCompletionSource? _ended;

    /// <summary>Begins the turn of a message, when the turn of a near call has ended.</summary>
    public async ValueTask Begin()
    {
        while (_ofNearCall)
        {
            _ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _ended.Task;
        }

        _ofMessage = true;
    }

    /// <summary>Ends the turn of a message.</summary>
    public void End() => _ofMessage = false;

    /// <summary>Begins the turn of a near call; false when another turn has not ended.</summary>
    public bool TryBeginNear() => !_ofMessage && !_ofNearCall && (_ofNearCall = true);

    /// <summary>Ends the turn of a near call.</summary>
    public void EndNear()
    {
        _ofNearCall = false;
        _ended?.TrySetResult();
        _ended = null;
    }
}

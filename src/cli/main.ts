console.log('drydock');
